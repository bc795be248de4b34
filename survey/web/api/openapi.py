"""What the OpenAPI document of the API says beside what Litestar reads off the handlers: replies, refusals, access.

The single submission route is bare ASGI, which Litestar does not describe at all.
"""

from collections.abc import Mapping
from pathlib import PurePosixPath

from litestar import Litestar
from litestar.openapi.spec import (
    OpenAPIFormat,
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    PathItem,
    Reference,
    RequestBody,
    Schema,
    SecurityScheme,
)

from survey.exports.formats import FORMATS
from survey.responses import STAFF_NUMBER
from survey.web.api.responses import SENT
from survey.web.problems import PROBLEM_JSON

JSON = "application/json"
MEDIA_TYPES = {".xml": "application/xml", **{ending: form.media_type for ending, form in FORMATS.items()}}
SUBMIT = "/api/v1/surveys/{slug}/responses"
BATCH = f"{SUBMIT}/batch"

TEXT = Schema(type=OpenAPIType.STRING)
FILE = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
UUID = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.UUID)
NULLABLE_TEXT = Schema(type=[OpenAPIType.STRING, OpenAPIType.NULL])
MOMENT = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.DATE_TIME)
SCALAR = Schema(one_of=[Schema(type=OpenAPIType.NUMBER), TEXT])
NUMBER = Schema(type=OpenAPIType.INTEGER)

SUBMISSION = Schema(
    type=OpenAPIType.OBJECT,
    required=["id", "answers"],
    properties={
        "id": UUID,
        "wave": NULLABLE_TEXT,
        "variant": TEXT,
        "locale": TEXT,
        "mode": Schema(type=OpenAPIType.STRING, enum=list(SENT)),
        "answers": Schema(
            type=OpenAPIType.OBJECT,
            description="By item id: an option code, a list of codes, a number or a text.",
            additional_properties=Schema(one_of=[*SCALAR.one_of, Schema(type=OpenAPIType.ARRAY, items=SCALAR)]),  # type: ignore[misc]
        ),
        "prefill": Schema(type=OpenAPIType.OBJECT, additional_properties=SCALAR),
        "paradata": Schema(
            type=[OpenAPIType.OBJECT, OpenAPIType.NULL],
            properties={
                "started_at": Schema(type=[OpenAPIType.STRING, OpenAPIType.NULL], format=OpenAPIFormat.DATE_TIME),
                "seconds": Schema(type=[OpenAPIType.NUMBER, OpenAPIType.NULL]),
                "unfold_incomplete": Schema(type=OpenAPIType.ARRAY, items=TEXT),
                "helper": Schema(
                    type=[OpenAPIType.OBJECT, OpenAPIType.NULL],
                    required=["number", "answered_by", "consent_read_out"],
                    properties={
                        "number": Schema(type=OpenAPIType.STRING, pattern=STAFF_NUMBER),
                        "answered_by": Schema(type=OpenAPIType.STRING, enum=["self", "together", "proxy"]),
                        "consent_read_out": Schema(type=OpenAPIType.BOOLEAN),
                    },
                ),
            },
        ),
    },
)
RECEIPT = Schema(
    type=OpenAPIType.OBJECT,
    required=["id", "receipt", "received_at", "dropped"],
    properties={
        "id": UUID,
        "receipt": NULLABLE_TEXT,
        "received_at": MOMENT,
        "dropped": Schema(type=OpenAPIType.ARRAY, items=TEXT),
        "end": NULLABLE_TEXT,
    },
)
ISSUE = Schema(
    type=OpenAPIType.OBJECT,
    required=["item", "code", "message"],
    properties={"item": TEXT, "code": TEXT, "message": TEXT},
)
PROBLEM = Schema(
    type=OpenAPIType.OBJECT,
    required=["type", "title", "status"],
    properties={
        "type": TEXT,
        "title": TEXT,
        "status": NUMBER,
        "detail": TEXT,
        "issues": Schema(type=OpenAPIType.ARRAY, items=ISSUE),
    },
)
ENTRY = Schema(
    type=OpenAPIType.OBJECT,
    description="What the single route would have replied, with its status.",
    required=["status"],
    properties={"status": NUMBER, **(RECEIPT.properties or {}), **(PROBLEM.properties or {})},
)
SUBMISSIONS = Schema(
    type=OpenAPIType.ARRAY,
    description="Up to 1,000 submissions. Each is judged by itself, whatever the others are.",
    items=Schema(any_of=[Reference(ref="#/components/schemas/Submission"), Schema()]),
)
SCHEMAS = {"Submission": SUBMISSION, "Receipt": RECEIPT, "Problem": PROBLEM, "Entry": ENTRY}
EXAMPLES = {"slug": "gov-sat", "wave": "2026H2", "measure": "Q3", "by": "D1"}
EXAMPLE = {
    "id": "0192f0c1-7b2a-7cc3-9a51-3b1c2d4e5f60",
    "answers": {"Q0": 1, "Q1": 1, "Q2": 1, "Q3": 5, "Q4": 5, "Q6": 4, "Q7": 1, "Q8": 0, "Q9": 4, "Q10": 1},
}
BEARER = "token"

AWAY = {503: "The database is away; see Retry-After."}
NO_SUCH = {404: "There is no such survey or wave."}
GUARDED = {
    401: "No token, or one that nobody has.",
    403: "The token is somebody's who may not see this.",
    422: "What is asked for cannot be answered; `detail` says what could be.",
}
TOO_LARGE = {413: "The body is too large."}
OF_SUBMISSIONS = {
    404: "There is no such survey or wave.",
    413: "The body is over 64 KiB; of a batch, over 4 MiB or 1,000 entries.",
    415: "The body is not JSON.",
    422: "The body is no submission, or an answer cannot be one; nothing was kept.",
    429: "Too many from one client; see Retry-After.",
    503: "The database is away or the inbox is full: nothing was kept; see Retry-After.",
}
ONE = {409: "The same id with other content: the first stays.", 410: "The wave takes no answers now."}
HEADERS = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}


def describe(app: Litestar) -> None:
    """Leave pages out of the application's OpenAPI document, and say of each route all that it may reply."""
    document = app.openapi_schema
    paths = {path: item for path, item in (document.paths or {}).items() if path.startswith("/api/")}
    paths[SUBMIT] = PathItem(post=_submit())
    for path, item in paths.items():
        for operation, has_body in ((item.get, False), (item.post, True)):
            if operation is not None:
                _complete(path, operation, has_body=has_body)
    document.paths = paths
    for schema in document.components.schemas.values():
        _loosen(schema)
    document.components.schemas |= SCHEMAS
    document.components.security_schemes = {BEARER: SecurityScheme(type="http", scheme="bearer")}


def _submit() -> Operation:
    return Operation(
        summary="Submit a response",
        description="Keep one response; answered when it is durable.",
        operation_id="SubmitResponse",
        parameters=[Parameter(name="slug", param_in="path", required=True, schema=TEXT)],
    )


def _complete(path: str, operation: Operation, *, has_body: bool) -> None:
    """Add what goes in, what comes out, what is refused and who may ask."""
    for parameter in operation.parameters or ():
        if isinstance(parameter, Parameter):
            parameter.example = EXAMPLES.get(parameter.name)
    if path in {SUBMIT, BATCH}:
        kept = _named("Receipt") if path == SUBMIT else _list_of("Entry")
        taken, example = (_named("Submission"), EXAMPLE) if path == SUBMIT else (SUBMISSIONS, [EXAMPLE])
        content = {JSON: OpenAPIMediaType(schema=taken, example=example)}
        operation.request_body = RequestBody(content=content, required=True)
        operation.responses = _replies(kept, {201: "Kept."} if path == SUBMIT else {})
        operation.responses |= _refusals(OF_SUBMISSIONS | (ONE if path == SUBMIT else {}))
        return
    refused = AWAY | (NO_SUCH if "{slug}" in path else {})
    if path.endswith("/compare") or "/waves/" in path:
        refused |= GUARDED | (TOO_LARGE if has_body else {})
        operation.security = [{BEARER: []}]
    found = (operation.responses or {})["200"]
    media_type = MEDIA_TYPES.get(PurePosixPath(path).suffix)
    if media_type is not None:
        found = OpenAPIResponse(description="The file.", content={media_type: OpenAPIMediaType(schema=FILE)})
    operation.responses = {"200": found, **_refusals(refused)}


def _replies(schema: Schema | Reference, more: Mapping[int, str]) -> dict[str, OpenAPIResponse | Reference]:
    texts = {200: "Kept already: the same id and content." if more else "Every entry, answered by itself.", **more}
    return {
        str(status): OpenAPIResponse(description=text, content={JSON: OpenAPIMediaType(schema=schema)})
        for status, text in texts.items()
    }


def _refusals(texts: Mapping[int, str]) -> dict[str, OpenAPIResponse | Reference]:
    return {
        str(status): OpenAPIResponse(
            description=text,
            headers={HEADERS[status]: OpenAPIHeader(schema=TEXT, required=True)} if status in HEADERS else None,
            content={PROBLEM_JSON: OpenAPIMediaType(schema=_named("Problem"))},
        )
        for status, text in sorted(texts.items())
    }


def _loosen(schema: Schema | Reference | bool | None) -> None:  # noqa: FBT001 - what a schema may be
    """Say anyOf where Litestar says oneOf: a whole number is an integer and a number, and so fits two of them."""
    if not isinstance(schema, Schema):
        return
    schema.any_of, schema.one_of = schema.one_of or schema.any_of, None
    inner = [*(schema.any_of or ()), *(schema.properties or {}).values(), *(schema.prefix_items or ())]
    for part in (*inner, schema.items, schema.additional_properties):
        _loosen(part)


def _named(name: str) -> Reference:
    return Reference(ref=f"#/components/schemas/{name}")


def _list_of(name: str) -> Schema:
    return Schema(type=OpenAPIType.ARRAY, items=_named(name))
