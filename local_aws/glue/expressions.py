"""GetPartitions' Expression: parsed and checked against the partition keys.

    expression = term {OR term}
    term       = factor {AND factor}
    factor     = NOT factor | "(" expression ")" | predicate
    predicate  = key ("=" | "<>" | "!=" | "<" | "<=" | ">" | ">=") literal
               | key [NOT] IN "(" literal {"," literal} ")"
               | key [NOT] BETWEEN literal AND literal
               | key [NOT] LIKE string
               | key IS [NOT] NULL

A key or literal may stand in parentheses. Literals take the type of the key: `hour = '07'` and `hour = 7`
are the same for an int key, and compare as text for a string key. Glue compares string, char, varchar,
date, timestamp, tinyint, smallint, int, bigint and decimal keys and refuses others
(https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html).

conditions.py makes SQL of the tree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from local_aws.glue.errors import InvalidInput
from local_aws.glue.key_types import KeyColumn, KeyKind, typed_value

MAX_DEPTH = 60
"""Parentheses and NOTs that may be nested."""


@dataclass(frozen=True, slots=True)
class Predicate:
    """A comparison of one key with literals of its type, as sort values.

    `operator` is =, <>, <, <=, >, >=, IN, BETWEEN, LIKE or IS NULL; only the last four can be negated.
    """

    key: KeyColumn
    operator: str
    values: tuple[str | int, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Junction:
    """Two or more operands joined by AND or OR."""

    operator: str
    operands: tuple[Node, ...]


Node = Predicate | Junction
"""An expression. It has no NOT: that has been moved into the predicates, which SQL's logic allows when
only true counts. So a predicate that is not true of NULL, negated or not, may answer false for it."""


def parse_expression(expression: str | None, keys: Sequence[KeyColumn]) -> Node | None:
    """The tree of a partition expression; None for an empty one, which selects everything.

    Raises: InvalidInput for bad syntax, an unknown column, a literal that is not of the key's type, or a
    type or operator that Glue does not support.
    """
    if expression is None or not expression.strip():
        return None
    return _Parser(expression, keys).parse()


class _Token(NamedTuple):
    kind: str
    """word, name (a quoted identifier), string, number, operator, end"""
    text: str
    position: int


_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>'(?:[^']|'')*')
      | (?P<number>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.]))
      | (?P<word>\w[\w.]*)
      | (?P<name>"[^"]+"|`[^`]+`)
      | (?P<operator><>|!=|<=|>=|=|<|>|\(|\)|,)
    )""",
    re.VERBOSE,
)
_COMPARISONS = ("=", "<>", "!=", "<", "<=", ">", ">=")
_RESERVED = frozenset({"AND", "OR", "NOT", "IN", "BETWEEN", "LIKE", "IS", "NULL"})


class _Parser:
    """Recursive descent over the grammar of the module."""

    def __init__(self, expression: str, keys: Sequence[KeyColumn]) -> None:
        self._expression = expression
        self._keys = {key.name.lower(): key for key in keys}
        self._tokens = self._tokenize()
        self._next = 0
        self._depth = 0

    def parse(self) -> Node:
        node = self._disjunction()
        if self._peek().kind != "end":
            raise self._unsupported(self._peek())
        return node

    def _tokenize(self) -> list[_Token]:
        tokens, position = [], 0
        text = self._expression.rstrip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None or match.lastgroup is None:
                rest = len(text) - len(text[position:].lstrip())
                raise self._unsupported(_Token("operator", text[rest], rest))
            tokens.append(_Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
            position = match.end()
        return [*tokens, _Token("end", "", len(text))]

    def _disjunction(self) -> Node:
        return self._junction("OR", lambda: self._junction("AND", self._factor))

    def _junction(self, operator: str, operand: Callable[[], Node]) -> Node:
        operands = [operand()]
        while self._accept_word(operator):
            operands.append(operand())
        if operator == "OR":
            operands = _with_one_in_per_key(operands)
        return operands[0] if len(operands) == 1 else Junction(operator, tuple(operands))

    def _factor(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise InvalidInput(f"Unsupported expression: parentheses and NOT are nested more than {MAX_DEPTH} deep")
        try:
            if self._accept_word("NOT"):
                return _negated(self._factor())
            if self._peek().text == "(" and not self._parenthesised_operand():
                self._expect("(")
                node = self._disjunction()
                self._expect(")")
                return node
            return self._predicate()
        finally:
            self._depth -= 1

    def _parenthesised_operand(self) -> bool:
        """Whether the parentheses that open here hold a single key or literal."""
        ahead = self._next
        while self._tokens[ahead].text == "(":
            ahead += 1
        return self._tokens[ahead].kind != "end" and self._tokens[ahead + 1].text == ")"

    def _predicate(self) -> Node:
        key = self._key()
        token = self._take()
        operator = token.text.upper()
        if token.kind == "operator" and operator in _COMPARISONS:
            operator = "<>" if operator == "!=" else operator
            return Predicate(key, operator, (self._literal(key),))
        if token.kind != "word":
            raise self._unsupported(token)
        if operator == "IS":
            negated = self._accept_word("NOT")
            if not self._accept_word("NULL"):
                raise self._unsupported(self._peek())
            return Predicate(key, "IS NULL", (), negated)
        negated = operator == "NOT"
        if negated:
            token = self._take()
            operator = token.text.upper()
        if operator == "IN":
            return Predicate(key, operator, self._literals(key), negated)
        if operator == "BETWEEN":
            low = self._literal(key)
            if not self._accept_word("AND"):
                raise self._unsupported(self._peek())
            return Predicate(key, operator, (low, self._literal(key)), negated)
        if operator == "LIKE":
            return Predicate(key, operator, (self._pattern(key),), negated)
        raise self._unsupported(token)

    def _key(self) -> KeyColumn:
        token = self._unwrapped()
        if token.kind == "name":
            name = token.text[1:-1]
        elif token.kind == "word" and token.text.upper() not in _RESERVED:
            name = token.text
        else:
            raise self._unsupported(token)
        key = self._keys.get(name.lower())
        if key is None:
            known = ", ".join(self._keys) or "none"
            raise InvalidInput(f"Unknown column '{name}' in the partition expression (partition keys: {known})")
        if key.kind is KeyKind.OTHER:
            raise InvalidInput(f"Unknown type : '{key.hive_type}' of partition key '{key.name}'")
        return key

    def _literal(self, key: KeyColumn) -> str | int:
        token = self._unwrapped()
        if token.kind not in ("string", "number"):
            raise self._unsupported(token)
        try:
            return typed_value(key.kind, _literal_text(token))
        except ValueError as error:
            raise InvalidInput(str(error)) from error

    def _literals(self, key: KeyColumn) -> tuple[str | int, ...]:
        self._expect("(")
        values = [self._literal(key)]
        while self._peek().text == ",":
            self._take()
            values.append(self._literal(key))
        self._expect(")")
        return tuple(values)

    def _pattern(self, key: KeyColumn) -> str:
        if key.kind is not KeyKind.TEXT:
            kind = "Integral" if key.kind is KeyKind.INTEGER else key.kind.value.capitalize()
            raise InvalidInput(f"{kind} data type doesn't support operation 'LIKE'")
        token = self._unwrapped()
        if token.kind != "string":
            raise self._unsupported(token)
        return _literal_text(token)

    def _unwrapped(self) -> _Token:
        """One token, out of the parentheses it may stand in."""
        opened = 0
        while self._peek().text == "(":
            self._take()
            opened += 1
        token = self._take()
        for _ in range(opened):
            self._expect(")")
        return token

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._tokens[self._next]
        if token.kind == "end":
            raise self._unsupported(token)
        self._next += 1
        return token

    def _accept_word(self, word: str) -> bool:
        token = self._peek()
        if token.kind == "word" and token.text.upper() == word:
            self._next += 1
            return True
        return False

    def _expect(self, operator: str) -> None:
        token = self._peek()
        if token.kind != "operator" or token.text != operator:
            raise self._unsupported(token)
        self._next += 1

    def _unsupported(self, token: _Token) -> InvalidInput:
        where = f"at {token.text!r} (character {token.position + 1})" if token.text else "at its end"
        return InvalidInput(f"Unsupported expression '{self._expression}': cannot be read {where}")


_OPPOSITES = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def _negated(node: Node) -> Node:
    if isinstance(node, Junction):
        operator = {"AND": "OR", "OR": "AND"}[node.operator]
        return Junction(operator, tuple(_negated(operand) for operand in node.operands))
    if node.operator in _OPPOSITES:
        return replace(node, operator=_OPPOSITES[node.operator])
    return replace(node, negated=not node.negated)


def _with_one_in_per_key(operands: list[Node]) -> list[Node]:
    """Operands of OR with `k = 1 OR k = 2 OR k IN (3)` made `k IN (1, 2, 3)`.

    Clients send long chains of equalities, on which SQLite's planner takes time that grows with the square.
    """
    others: list[Node] = []
    values: dict[KeyColumn, list[str | int]] = {}
    for operand in operands:
        if isinstance(operand, Predicate) and operand.operator in ("=", "IN") and not operand.negated:
            values.setdefault(operand.key, []).extend(operand.values)
        else:
            others.append(operand)
    joined = [Predicate(key, "=" if len(v) == 1 else "IN", tuple(v)) for key, v in values.items()]
    return [*joined, *others]


def _literal_text(token: _Token) -> str:
    return token.text[1:-1].replace("''", "'") if token.kind == "string" else token.text
