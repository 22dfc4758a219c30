"""Variables, variable scopes and initializers. Importing any of it makes both kinds of variable known to `creators`."""
from . import resource as resource
