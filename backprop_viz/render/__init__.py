"""Pictures of a trace: what they say, where everything stands, and the SVG."""
