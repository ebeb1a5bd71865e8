"""What the player says beside its frames, as sentences in which it puts names and counts of the film."""

SAYS = {
    # where it stands
    "step": "Step {step} of {last} · {phase}",
    "iteration": "Step {step} of {last} · iteration {iteration} of {iterations} · {phase}",
    "nth": "iteration {number}",
    "turn": "{line}   # {variable} is {name}",
    # what is selected
    "hint": "Select a node or an arrow: click it, or press ↓ in the picture.",
    "compute": "{name}, computed by {op}",
    "input": "{name}, an input",
    "parameter": "{name}, a parameter",
    "shaped": "{title}, of shape {shape}",
    "edge": "the edge from {parent} to {child}",
    "alike": "the edge from {parent} to {child} ({number} of {count})",
    "selected": "Selected: {title}; {facts}.",
    "closed": "The group {name} is closed; it opens in a notebook, where a kernel runs.",
    "rate": "No step is taken: the learning rate is to be a number, such as 0.1.",
    "anew": "Computed anew: {name} = {value}.",
    "fixed": "Conditions stay as they were when the cell ran, whatever the other nodes hold: in {names}.",
    "gone": "No kernel answers: it was stopped or started anew. Run the cell again.",
    "again": "{label}: run the cell to play it.",
    # what is known of it
    "value": "value",
    "gradient": "gradient",
    "upstream": "upstream",
    "local": "local gradient",
    "contribution": "contribution",
    "contributions": "contributions",
    "uncomputed": "not computed yet",
    "waiting": "not yet",
    "needless": "none is needed",
    "array": "array",
    "size": "array, {rows} × {columns}",
    "received": "{got} of {due} received",
    "numbers": "The numbers of its {what}",
    "chain": "The whole chain rule for it",
}
