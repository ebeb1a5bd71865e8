"""A web site of notebooks: pages with live players that need no kernel, no network and no server of their own."""
