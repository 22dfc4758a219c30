"""six.moves, where six is not installed: names and modules that have another place in Python 3."""
from __future__ import annotations

import builtins
import collections
import functools
import importlib
import io
import itertools
import os
import sys
from typing import Any

__path__: list[str] = []        # modules are found below it
MODULES = {
    "builtins": "builtins", "cPickle": "pickle", "configparser": "configparser", "copyreg": "copyreg", "html_entities": "html.entities",
    "html_parser": "html.parser", "http_client": "http.client", "http_cookiejar": "http.cookiejar", "http_cookies": "http.cookies",
    "queue": "queue", "reprlib": "reprlib", "socketserver": "socketserver", "tkinter": "tkinter", "urllib": "urllib",
    "urllib.error": "urllib.error", "urllib.parse": "urllib.parse", "urllib.request": "urllib.request",
    "urllib.response": "urllib.response", "urllib.robotparser": "urllib.robotparser", "urllib_error": "urllib.error",
    "urllib_parse": "urllib.parse", "_thread": "_thread", "BaseHTTPServer": "http.server", "xmlrpc_client": "xmlrpc.client",
}
filter, input, map, range, xrange, zip = builtins.filter, builtins.input, builtins.map, builtins.range, builtins.range, builtins.zip
reduce, reload_module, intern = functools.reduce, importlib.reload, sys.intern
filterfalse, zip_longest = itertools.filterfalse, itertools.zip_longest
getcwd, getcwdb = os.getcwd, os.getcwdb
StringIO = cStringIO = io.StringIO
UserDict, UserList, UserString = collections.UserDict, collections.UserList, collections.UserString


def __getattr__(name: str) -> Any:
    if name not in MODULES:
        raise AttributeError(f"module 'six.moves' has no attribute {name!r}", name=name, obj=sys.modules[__name__])
    if name == "urllib":
        for below in ("error", "parse", "request"):
            importlib.import_module(f"urllib.{below}")
    return importlib.import_module(MODULES[name])
