"""What TensorFlow's regular expressions (RE2) give: writes tests/data/tensorflow/regex.json.

    $GRAPHFLOW_TF_PYTHON tests/oracle/regex_side.py

Bytes are written as latin-1 text; a row whose pattern is refused has null in place of results.
"""

import json
import os
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

TARGET = Path(__file__).parents[1] / "data" / "tensorflow" / "regex.json"
TEXTS = [*(text.encode() for text in (
    "", "aB1 \u00e9", "\u00e9e", "abc\n", "foo bar  baz", "aaa", "a\nb\n", "x+y*z", "12-34", "A_b-C.d", "\u00c9\u00e9", "\u4e2d\u6587 a",
    "tab\there\x0bv", "{1,2}", "a\\b", "[x]", "aXbXc", "ab12cd\u0661", "\u212a k K", "kk", "a.b")), b"a\xffb", b"\xe9"]
PATTERNS = r"""
[[:alpha:]]  [[:digit:]]+  [[:^space:]]+  [^[:alpha:]]  [[:word:]]  [[:upper:][:digit:]]  [[:foo:]]  .  .*  \p{Ll}  \pL  \p{L}+  \P{L}
[\p{Lu}\d]  [^\p{L}]  \p{^L}  \p{Foo}  a(?=B)  a(?!B)  (?<=a)B  (?<!a)B  (a)\1  (?>a)  a++  a*+  a**  a*?  a{2}  a{,2}  a{1,2}?  a{1001}
a{2,1}  (?P<n>a)  (?P=n)  (?i)AB  a(?i)b  (?i:A)b  (?U)a+  (?s).  (?m)^.  (?m).$  $  ^  \z  \Z  \A  b$  \b  \bb  \w+  \W  \d+  \D  \s
\S+  [\s]  [^\w]  \Qa.b\E  \Q[x]\E  \x61  \x{61}  \x{4e2d}  \141  \07  \a  \v  \t  \e  \G  \K  \R  \X  \h  \N{U+0041}  \u0041  (?#c)a  (?x)a
(  )  [  ]  []a]  [^]a]  [a  [b-a]  [a-\d]  {  }  a{  a{x}  a{1  *  +a  ?  a|*  |  a||b  ()  (|a)  x*  a|ab  (a|ab)(c|bcd)?  (?i)k  (?i)[k]
\.  \-  \_  \q  \  [\]]  [\\]  [a-c&&b]  [[]  [[a]  [a[]  [.]  [-a]  [a-]  [\-a]  [a\b]  [\n]  \n  (a)(B)?  ((a))  (?:a)  (?i-s:.)  (?-i)a
(?z)a  (?i  [[:alpha:]  [:alpha:]  [[.a.]]  [[=a=]]  ^*  $*  \b*  (?:)*  (a*)*  (a*)+  a{0}  a{0,}  ^^a  a.c  \D\d  [^\D]  [^a\D]  [\D1]
(?P<>a)  (?P<1>a)  \8  \1  \0  [\0]  [\1]  [\x{e9}]  \x{110000}  \xg  \p  \pZ  \pN  \p{Lu  [[:ascii:]]+  [[:punct:]]  [[:space:]]
[[:blank:]]  [[:cntrl:]]  [[:graph:]]  [[:print:]]  [[:xdigit:]]  [[:alnum:]]  [[:lower:]]  (?i)[[:upper:]]
""".split()  # noqa: SIM905 - patterns are easier to read without quotes
REWRITES = ["x", r"<\0>", r"\\", r"\1", r"\9", "", r"\0\0", "$1"]
REWRITTEN = ["a", "(a)", "(a)|b", "x*", "a*", ""]


def main() -> None:
    import tensorflow.compat.v1 as tf

    tf.disable_v2_behavior()
    texts, pattern, rewrite = tf.placeholder(tf.string, [None]), tf.placeholder(tf.string, []), tf.placeholder(tf.string, [])
    replaced = [tf.strings.regex_replace(texts, pattern, rewrite, replace_global=everywhere) for everywhere in (True, False)]
    matches = tf.strings.regex_full_match(texts, pattern)
    with tf.Session() as session:
        def row(given: str, by: str, source: list[bytes]) -> object:
            try:
                (every, first), whole = session.run((replaced, matches), {texts: source, pattern: given, rewrite: by})
            except (tf.errors.InvalidArgumentError, ValueError):     # ValueError: TensorFlow stumbles over its own message
                return [given, by, None]
            return [given, by, [[one.decode("latin-1") for one in found] for found in (every, first)], whole.astype(int).tolist()]

        rows = [row(given, r"<\0>", TEXTS) for given in PATTERNS]
        short = [b"abab", b"xaxx", b""]
        rewrites = [row(given, by, short) for given in REWRITTEN for by in REWRITES]
    lines = ",\n  ".join(json.dumps(item) for item in rows + rewrites)
    texts_ = json.dumps([text.decode("latin-1") for text in TEXTS])
    TARGET.write_text(f'{{"texts": {texts_},\n "short": ["abab", "xaxx", ""],\n "rows": [\n  {lines}\n]}}\n')


if __name__ == "__main__":
    main()
