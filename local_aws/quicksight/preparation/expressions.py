"""QuickSight's expressions (calculated fields, conditions of filters), parsed by descent into DuckDB SQL.

`ifelse({action} = 'ACCEPT' AND NOT isNull({bytes}), {bytes} / 1024, 0)`: names in braces (or bare), texts in single
quotes, the operators of the user guide, functions of `functions.py`, `in({x}, ['a', 'b'])`.
"""

from __future__ import annotations

from dataclasses import replace

from local_aws.quicksight.preparation.functions import SKIPPING, common_type, function
from local_aws.quicksight.preparation.terms import InvalidExpression, Names, Term, text_literal
from local_aws.quicksight.preparation.tokens import Token, tokens

_COMPARISONS = {"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def compiled(expression: str, names: Names) -> Term:
    """The SQL of an expression over the columns that `names` knows.

    Raises: InvalidExpression saying what is not understood.
    """
    parser = _Parser(tokens(expression), names)
    term = parser.alternatives()
    parser.expect("end", "")
    return replace(term, skips=tuple(parser.skips))


class _Parser:
    def __init__(self, words: list[Token], names: Names) -> None:
        self._words = words
        self._names = names
        self._at = 0
        self.skips: list[str] = []

    def alternatives(self) -> Term:
        term = self._conjunction()
        while self._take_word("or"):
            term = _logical("OR", term, self._conjunction())
        return term

    def expect(self, kind: str, value: str) -> None:
        word = self._words[self._at]
        if word.kind != kind or (value and word.value != value):
            found = "the end" if word.kind == "end" else repr(word.value)
            raise InvalidExpression(f"{value or kind!r} is expected where {found} is")
        self._at += 1

    def _conjunction(self) -> Term:
        term = self._negation()
        while self._take_word("and"):
            term = _logical("AND", term, self._negation())
        return term

    def _negation(self) -> Term:
        if self._take_word("not"):
            term = self._negation()
            return Term(f"(NOT {_condition(term).sql})", "BOOLEAN", term.aggregate)
        return self._comparison()

    def _comparison(self) -> Term:
        term = self._sum()
        if (operator := self._take_symbol(*_COMPARISONS)) is not None:
            other = self._sum()
            term, other = _as_dates(term, other)
            common_type([term, other], f"the sides of {operator}")
            return Term(
                f"({term.sql} {_COMPARISONS[operator]} {other.sql})", "BOOLEAN", term.aggregate or other.aggregate
            )
        return term

    def _sum(self) -> Term:
        term = self._product()
        while (operator := self._take_symbol("+", "-")) is not None:
            term = _arithmetic(operator, term, self._product())
        return term

    def _product(self) -> Term:
        term = self._power()
        while (operator := self._take_symbol("*", "/", "%")) is not None:
            term = _arithmetic(operator, term, self._power())
        return term

    def _power(self) -> Term:
        term = self._sign()
        if self._take_symbol("^") is not None:
            return _arithmetic("^", term, self._power())
        return term

    def _sign(self) -> Term:
        if self._take_symbol("-") is not None:
            term = self._sign()
            if not term.is_number:
                raise InvalidExpression(f"a number is needed behind -, not {term.type}")
            return Term(f"(-{term.sql})", term.type, term.aggregate)
        return self._single()

    def _single(self) -> Term:
        word = self._words[self._at]
        self._at += 1
        if word.kind == "number":
            return (
                Term(f"CAST({word.value} AS DOUBLE)", "DECIMAL") if "." in word.value else Term(word.value, "INTEGER")
            )
        if word.kind == "text":
            return Term(text_literal(word.value), "STRING")
        if word.kind == "name":
            return self._names(word.value)
        if word.kind == "parameter":
            raise InvalidExpression(f"parameters such as ${{{word.value}}} are not known to the local QuickSight")
        if word.kind == "symbol" and word.value == "(":
            term = self.alternatives()
            self.expect("symbol", ")")
            return Term(f"({term.sql})", term.type, term.aggregate)
        if word.kind == "word":
            return self._word(word.value)
        raise InvalidExpression(f"a value is expected where {'the end' if word.kind == 'end' else repr(word.value)} is")

    def _word(self, word: str) -> Term:
        if self._words[self._at] == Token("symbol", "("):
            self._at += 1
            return self._call(word)
        if word.lower() == "null":
            return Term("NULL", "NULL")
        if word.lower() in ("true", "false"):
            return Term(word.upper(), "BOOLEAN")
        if word.upper() in ("CASE_INSENSITIVE", "CASE_SENSITIVE"):
            return Term(f"'{word.upper()}'", "STRING")
        return self._names(word)

    def _call(self, name: str) -> Term:
        if name.lower() in ("in", "notin"):
            return self._membership(negated=name.lower() == "notin")
        arguments = []
        if self._take_symbol(")") is None:
            arguments.append(self.alternatives())
            while self._take_symbol(",") is not None:
                arguments.append(self.alternatives())
            self.expect("symbol", ")")
        made = function(name, arguments)
        if name.lower() in SKIPPING:
            self.skips.append(f"({arguments[0].sql} IS NOT NULL AND {made.sql} IS NULL)")
        return made

    def _membership(self, *, negated: bool) -> Term:
        term = self.alternatives()
        self.expect("symbol", ",")
        self.expect("symbol", "[")
        values = [self.alternatives()]
        while self._take_symbol(",") is not None:
            values.append(self.alternatives())
        self.expect("symbol", "]")
        self.expect("symbol", ")")
        common_type([term, *values], "the value and the list")
        word = "NOT IN" if negated else "IN"
        return Term(f"({term.sql} {word} ({', '.join(value.sql for value in values)}))", "BOOLEAN", term.aggregate)

    def _take_word(self, word: str) -> bool:
        current = self._words[self._at]
        taken = current.kind == "word" and current.value.lower() == word
        self._at += taken
        return taken

    def _take_symbol(self, *symbols: str) -> str | None:
        current = self._words[self._at]
        if current.kind == "symbol" and current.value in symbols:
            self._at += 1
            return current.value
        return None


def _logical(operator: str, left: Term, right: Term) -> Term:
    sql = f"({_condition(left).sql} {operator} {_condition(right).sql})"
    return Term(sql, "BOOLEAN", left.aggregate or right.aggregate)


def _condition(term: Term) -> Term:
    if term.type not in ("BOOLEAN", "NULL"):
        raise InvalidExpression(f"a condition is needed, not {term.type}")
    return term


def _arithmetic(operator: str, left: Term, right: Term) -> Term:
    if not (left.is_number and right.is_number):
        hint = "; see concat, addDateTime and dateDiff" if operator in "+-" else ""
        raise InvalidExpression(f"numbers are needed beside {operator}, not {left.type} and {right.type}{hint}")
    aggregate = left.aggregate or right.aggregate
    if operator == "/":
        return Term(f"(CAST({left.sql} AS DOUBLE) / nullif({right.sql}, 0))", "DECIMAL", aggregate)
    if operator == "%":
        return Term(f"({left.sql} % nullif({right.sql}, 0))", common_type([left, right], "the numbers"), aggregate)
    if operator == "^":
        return Term(f"pow({left.sql}, {right.sql})", "DECIMAL", aggregate)
    return Term(f"({left.sql} {operator} {right.sql})", common_type([left, right], "the numbers"), aggregate)


def _as_dates(left: Term, right: Term) -> tuple[Term, Term]:
    """A text beside a date is read as one."""
    if left.type == "DATETIME" and right.type == "STRING":
        return left, Term(f"CAST({right.sql} AS TIMESTAMP)", "DATETIME", right.aggregate)
    if left.type == "STRING" and right.type == "DATETIME":
        return Term(f"CAST({left.sql} AS TIMESTAMP)", "DATETIME", left.aggregate), right
    return left, right
