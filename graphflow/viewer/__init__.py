"""The viewer: any graph, readable at once. `graphflow view LOGDIR`, `graphflow draw GRAPH OUT.svg`."""
