"""The description of the one route that is bare ASGI, for the OpenAPI document that Litestar makes of the others."""

from litestar import Litestar
from litestar.openapi.spec import (
    OpenAPIFormat,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    PathItem,
    Reference,
    RequestBody,
    Schema,
)

REPLIES = {
    "201": "Kept.",
    "200": "Kept already: the same id and content.",
    "404": "No such survey or wave.",
    "409": "The same id with other content: the first stays.",
    "410": "The wave takes no answers now.",
    "413": "The body is over 64 KiB.",
    "415": "The body is not JSON.",
    "422": "An answer cannot be one; nothing was kept.",
    "429": "Too many from one client; see Retry-After.",
    "503": "The database is away or the inbox is full: nothing was kept; see Retry-After.",
}
UUID = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.UUID)
TEXT = Schema(type=OpenAPIType.STRING)
NULLABLE_TEXT = Schema(type=[OpenAPIType.STRING, OpenAPIType.NULL])
MOMENT = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.DATE_TIME)
SCALAR = Schema(one_of=[Schema(type=OpenAPIType.NUMBER), TEXT])

SUBMISSION = Schema(
    type=OpenAPIType.OBJECT,
    required=["id", "answers"],
    properties={
        "id": UUID,
        "wave": NULLABLE_TEXT,
        "variant": TEXT,
        "locale": TEXT,
        "mode": Schema(type=OpenAPIType.STRING, enum=["web", "phone", "paper", "assisted"]),
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
PROBLEM = Schema(
    type=OpenAPIType.OBJECT,
    required=["type", "title", "status"],
    properties={
        "type": TEXT,
        "title": TEXT,
        "status": Schema(type=OpenAPIType.INTEGER),
        "detail": TEXT,
        "issues": Schema(
            type=OpenAPIType.ARRAY,
            items=Schema(type=OpenAPIType.OBJECT, properties={"item": TEXT, "code": TEXT, "message": TEXT}),
        ),
    },
)


def describe(app: Litestar) -> None:
    """Leave pages out of the application's OpenAPI document, and add the single submission route."""
    document = app.openapi_schema
    paths = {path: item for path, item in (document.paths or {}).items() if path.startswith("/api/")}
    document.paths = paths
    paths["/api/v1/surveys/{slug}/responses"] = PathItem(
        post=Operation(
            summary="Submit a response",
            description="Keep one response; answered when it is durable.",
            operation_id="SubmitResponse",
            parameters=[Parameter(name="slug", param_in="path", required=True, schema=TEXT)],
            request_body=RequestBody(content={"application/json": OpenAPIMediaType(schema=SUBMISSION)}, required=True),
            responses={status: _reply(status, text) for status, text in REPLIES.items()},
        )
    )


def _reply(status: str, text: str) -> OpenAPIResponse | Reference:
    kept = status in {"200", "201"}
    media_type = "application/json" if kept else "application/problem+json"
    return OpenAPIResponse(
        description=text, content={media_type: OpenAPIMediaType(schema=RECEIPT if kept else PROBLEM)}
    )
