TABLE: dict[str, str] = {}
OPS: dict[str, str] = {}
