"""A Java class of our own, in a jar: no console for Elasticsearch.

Elasticsearch loads `org.elasticsearch.io.ansi.AnsiConsoleLoader` before anything else, and Maven Central has it not.
This one has that name, is a `java.util.function.Supplier`, and supplies null, which means: no terminal. It is written
as bytes, because a user's Java may have no compiler (chapter 4 of the Java Virtual Machine Specification).
"""

from __future__ import annotations

import io
import zipfile
from typing import Final

_NAME: Final = "org/elasticsearch/io/ansi/AnsiConsoleLoader"


def _text(value: str) -> bytes:
    return b"\1" + len(value).to_bytes(2, "big") + value.encode()


def _class(text: int) -> bytes:
    return b"\7" + text.to_bytes(2, "big")


def _method(name: int, kind: int, code: bytes) -> bytes:
    """Public, with one place on the stack and one variable (`this`)."""
    body = b"\0\1\0\1" + len(code).to_bytes(4, "big") + code + b"\0\0\0\0"
    return (
        b"".join(number.to_bytes(2, "big") for number in (1, name, kind, 1, 13)) + len(body).to_bytes(4, "big") + body
    )


def _class_file() -> bytes:
    constants = [
        _class(2), _text(_NAME),
        _class(4), _text("java/lang/Object"),
        _class(6), _text("java/util/function/Supplier"),
        _text("<init>"), _text("()V"),
        b"\x0a\0\3\0\x0a",  # 9: Object's <init>, a method of class 3 with the name and type 10
        b"\x0c\0\7\0\x08",  # 10: <init> ()V
        _text("get"), _text("()Ljava/lang/Object;"), _text("Code"),
    ]  # fmt: skip
    version = b"\0\0\0\x34"  # Java 8's
    head = b"\xca\xfe\xba\xbe" + version + (len(constants) + 1).to_bytes(2, "big") + b"".join(constants)
    public_class = b"\0\x21"
    named = public_class + b"\0\1\0\3\0\1\0\5"  # this class, above it, one interface
    initialize = _method(7, 8, b"\x2a\xb7\0\x09\xb1")  # aload_0, invokespecial 9, return
    get = _method(11, 12, b"\x01\xb0")  # aconst_null, areturn
    return head + named + b"\0\0" + b"\0\2" + initialize + get + b"\0\0"


def _jar() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as jar:
        jar.writestr(zipfile.ZipInfo(f"{_NAME}.class"), _class_file())  # without a time: always the same bytes
    return written.getvalue()


CONSOLE_JAR: Final = _jar()
