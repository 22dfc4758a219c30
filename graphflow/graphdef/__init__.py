"""Everything between a graph and a GraphDef: messages of attributes, nodes and graphs, reading, writing and importing them.

`methods`, which graphflow.ops imports, hangs `as_graph_def`, `node_def`, `get_attr`, ... on Graph and Operation.
"""
