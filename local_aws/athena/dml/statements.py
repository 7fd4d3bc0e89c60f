"""The statements of Trino SQL that Athena runs, told apart and taken to pieces."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from local_aws.athena.dml.failures import mismatched_input
from local_aws.athena.dml.parser import parse_query, tokens
from local_aws.athena.model import QueryFailed

T = TypeVar("T")
PropertyValue = str | int | float | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableName:
    """A name as typed, in lower case; what was not typed is None."""

    name: str
    database: str | None = None
    catalog: str | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """SELECT, WITH, VALUES, TABLE or a set operation: its text and tree."""

    sql: str
    tree: exp.Query = field(compare=False)


@dataclass(frozen=True, slots=True)
class CreateTableAs:
    """CREATE TABLE … [WITH (properties)] AS query [WITH [NO] DATA]. Property names are in lower case."""

    table: TableName
    query: Query
    properties: dict[str, PropertyValue]
    if_not_exists: bool = False
    with_data: bool = True
    columns: tuple[str, ...] = ()
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class InsertInto:
    """INSERT INTO table [(columns)] query."""

    table: TableName
    query: Query
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unload:
    """UNLOAD (query) TO 's3://…' WITH (properties)."""

    query: Query
    location: str
    properties: dict[str, PropertyValue]


@dataclass(frozen=True, slots=True)
class CreateView:
    """CREATE [OR REPLACE] VIEW view AS query; the query's text is the original."""

    view: TableName
    query: Query
    or_replace: bool = False
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class DropView:
    """DROP VIEW [IF EXISTS] view."""

    view: TableName
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class Prepare:
    """PREPARE name FROM statement."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class Execute:
    """EXECUTE name [USING parameters]; the parameters are the texts of SQL expressions."""

    name: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deallocate:
    """DEALLOCATE PREPARE name."""

    name: str


@dataclass(frozen=True, slots=True)
class Explain:
    """EXPLAIN [(options)] statement, or EXPLAIN ANALYZE [VERBOSE] statement. Options are in lower case."""

    statement: Statement
    analyze: bool = False
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ShowFunctions:
    """SHOW FUNCTIONS [LIKE pattern]."""

    pattern: str | None = None


Statement = (
    Query
    | CreateTableAs
    | InsertInto
    | Unload
    | CreateView
    | DropView
    | Prepare
    | Execute
    | Deallocate
    | Explain
    | ShowFunctions
)


def parse_statement(sql: str) -> Statement:
    """Returns what a Trino statement asks for.

    Raises: QueryFailed SYNTAX_ERROR at the first token that does not fit, NOT_SUPPORTED for the statements Athena
    refuses (DELETE, UPDATE, MERGE on Hive tables).
    """
    return _StatementParser(sql).statement()


class _StatementParser:
    def __init__(self, sql: str) -> None:
        self._sql = sql
        self._tokens = tokens(sql)
        self._place = 0

    def statement(self) -> Statement:
        for keywords, parse in (
            (("EXPLAIN",), self._explain),
            (("CREATE", "TABLE"), self._create_table_as),
            (("CREATE", "OR", "REPLACE", "VIEW"), lambda: self._create_view(or_replace=True)),
            (("CREATE", "VIEW"), lambda: self._create_view(or_replace=False)),
            (("DROP", "VIEW"), self._drop_view),
            (("INSERT", "INTO"), self._insert),
            (("UNLOAD",), self._unload),
            (("PREPARE",), self._prepare),
            (("EXECUTE",), self._execute),
            (("DEALLOCATE", "PREPARE"), self._deallocate),
            (("DEALLOCATE PREPARE",), self._deallocate),
            (("SHOW", "FUNCTIONS"), self._show_functions),
        ):
            if self._accept(*keywords):
                statement: Statement = parse()
                return statement
        if self._word() in ("DELETE", "UPDATE", "MERGE", "TRUNCATE"):
            raise QueryFailed(
                "NOT_SUPPORTED: Modifying Hive table rows is only supported for transactional tables", error_type=1003
            )
        return self._query()

    def _query(self) -> Query:
        """The rest of the text is a query."""
        start = self._tokens[self._place].start if self._place < len(self._tokens) else len(self._sql)
        end = self._tokens[-1].end + 1 if self._tokens else len(self._sql)
        return self._query_between(start, end)

    def _query_between(self, start: int, end: int) -> Query:
        # What precedes the query is blanked, not cut, so that errors tell the place in the whole statement.
        blank = "".join("\n" if letter == "\n" else " " for letter in self._sql[:start])
        return Query(self._sql[start:end].strip(), parse_query(blank + self._sql[start:end]))

    def _explain(self) -> Explain:
        analyze = self._accept("ANALYZE")
        options: list[tuple[str, str]] = []
        if analyze:
            self._accept("VERBOSE")
        elif self._word() == "(" and self._word(1) in ("TYPE", "FORMAT"):
            self._expect("(")
            while True:
                options.append((self._next().text.lower(), self._next().text.lower()))
                if not self._accept(","):
                    break
            self._expect(")")
        return Explain(self.statement(), analyze, tuple(options))

    def _create_table_as(self) -> CreateTableAs:
        if_not_exists = self._accept("IF", "NOT", "EXISTS")
        table = self._table_name()
        columns = self._names_in_parentheses() if self._word() == "(" else ()
        comment = self._string() if self._accept("COMMENT") else None
        properties = self._properties() if self._accept("WITH") else {}
        self._expect("AS")
        with_data = True
        end = len(self._tokens)
        words = [token.text.upper() for token in self._tokens[-3:]]
        if words == ["WITH", "NO", "DATA"]:
            with_data, end = False, end - 3
        elif words[-2:] == ["WITH", "DATA"]:
            end -= 2
        del self._tokens[end:]
        return CreateTableAs(table, self._query(), properties, if_not_exists, with_data, columns, comment)

    def _create_view(self, *, or_replace: bool) -> CreateView:
        view = self._table_name()
        comment = self._string() if self._accept("COMMENT") else None
        if self._accept("SECURITY") and not (self._accept("DEFINER") or self._accept("INVOKER")):
            raise self._mismatch()
        self._expect("AS")
        return CreateView(view, self._query(), or_replace, comment)

    def _drop_view(self) -> DropView:
        if_exists = self._accept("IF", "EXISTS")
        return self._ended(DropView(self._table_name(), if_exists))

    def _insert(self) -> InsertInto:
        table = self._table_name()
        columns: tuple[str, ...] = ()
        if self._word() == "(" and self._word(1) not in ("SELECT", "WITH", "VALUES", "TABLE", "("):
            columns = self._names_in_parentheses()
        return InsertInto(table, self._query(), columns)

    def _unload(self) -> Unload:
        opening = self._expect("(")
        depth = 1
        while depth:
            closing = self._next()
            depth += {"(": 1, ")": -1}.get(closing.text, 0) if closing.token_type is not TokenType.STRING else 0
        query = self._query_between(opening.end + 1, closing.start)
        self._expect("TO")
        location = self._string()
        properties = self._properties() if self._accept("WITH") else {}
        return self._ended(Unload(query, location, properties))

    def _prepare(self) -> Prepare:
        name = self._name()
        self._expect("FROM")
        if self._place == len(self._tokens):
            raise self._mismatch()
        text = self._sql[self._tokens[self._place].start : self._tokens[-1].end + 1]
        return Prepare(name, text)

    def _execute(self) -> Execute:
        name = self._name()
        if not self._accept("USING"):
            return self._ended(Execute(name))
        parameters: list[str] = []
        while True:
            parameters.append(self._expression_text())
            if not self._accept(","):
                return self._ended(Execute(name, tuple(parameters)))

    def _deallocate(self) -> Deallocate:
        return self._ended(Deallocate(self._name()))

    def _show_functions(self) -> ShowFunctions:
        return self._ended(ShowFunctions(self._string() if self._accept("LIKE") else None))

    def _expression_text(self) -> str:
        """The text up to the next comma outside of parentheses."""
        first, depth = self._place, 0
        while self._place < len(self._tokens):
            token = self._tokens[self._place]
            if token.token_type is not TokenType.STRING:
                if depth == 0 and token.text == ",":
                    break
                depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0)
            self._place += 1
        if first == self._place:
            raise self._mismatch()
        return self._sql[self._tokens[first].start : self._tokens[self._place - 1].end + 1]

    def _properties(self) -> dict[str, PropertyValue]:
        properties: dict[str, PropertyValue] = {}
        self._expect("(")
        while True:
            name = self._next().text.lower()
            self._expect("=")
            properties[name] = self._property_value()
            if not self._accept(","):
                break
        self._expect(")")
        return properties

    def _property_value(self) -> PropertyValue:
        if self._accept("ARRAY"):
            self._expect("[")
            values: list[str] = []
            while self._word() != "]":
                values.append(self._string())
                if not self._accept(","):
                    break
            self._expect("]")
            return tuple(values)
        token = self._next()
        if token.token_type is TokenType.STRING:
            return token.text
        if token.token_type is TokenType.NUMBER:
            return int(token.text) if token.text.isdigit() else float(token.text)
        if token.text.upper() in ("TRUE", "FALSE"):
            return token.text.upper() == "TRUE"
        self._place -= 1
        raise self._mismatch()

    def _table_name(self) -> TableName:
        parts = [self._name()]
        while self._accept("."):
            parts.append(self._name())
        if len(parts) > 3:
            raise self._mismatch()
        return TableName(*reversed(parts))

    def _names_in_parentheses(self) -> tuple[str, ...]:
        self._expect("(")
        names = [self._name()]
        while self._accept(","):
            names.append(self._name())
        self._expect(")")
        return tuple(names)

    def _name(self) -> str:
        token = self._next()
        if token.token_type in (TokenType.STRING, TokenType.NUMBER) or not (
            token.token_type is TokenType.IDENTIFIER or token.text.replace("_", "a").isalnum()
        ):
            self._place -= 1
            raise self._mismatch()
        return token.text.lower()

    def _string(self) -> str:
        token = self._next()
        if token.token_type is not TokenType.STRING:
            self._place -= 1
            raise self._mismatch()
        return token.text

    def _word(self, ahead: int = 0) -> str:
        place = self._place + ahead
        if place >= len(self._tokens) or self._tokens[place].token_type in (TokenType.STRING, TokenType.IDENTIFIER):
            return ""
        return self._tokens[place].text.upper()

    def _accept(self, *words: str) -> bool:
        if all(self._word(ahead) == word for ahead, word in enumerate(words)):
            self._place += len(words)
            return True
        return False

    def _expect(self, word: str) -> Token:
        if not self._accept(word):
            raise self._mismatch()
        return self._tokens[self._place - 1]

    def _next(self) -> Token:
        if self._place >= len(self._tokens):
            raise self._mismatch()
        self._place += 1
        return self._tokens[self._place - 1]

    def _ended(self, statement: T) -> T:
        if self._place < len(self._tokens):
            raise self._mismatch()
        return statement

    def _mismatch(self) -> QueryFailed:
        if self._place < len(self._tokens):
            token = self._tokens[self._place]
            return mismatched_input(self._sql, token.start, self._sql[token.start : token.end + 1])
        return mismatched_input(self._sql, len(self._sql), "<EOF>")
