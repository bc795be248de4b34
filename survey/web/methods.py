"""Which methods an address takes: HTTP wants them named whenever another one is refused."""

from collections.abc import Sequence
from typing import Any

from litestar import Litestar, Request, Response
from litestar.routes import HTTPRoute


def allowed(app: Litestar, path: str) -> str:
    """The methods that an address takes, as the Allow header names them."""
    parts = path.strip("/").split("/")
    routes = [route for route in app.routes if isinstance(route, HTTPRoute) and _fits(parts, route.path_components)]
    return ", ".join(sorted({str(method) for route in routes for method in route.methods}))


def _fits(parts: Sequence[str], components: Sequence[object]) -> bool:
    """Whether an address is one of a route's; a component that is no text is a parameter."""
    return len(parts) == len(components) and all(
        component == part or not isinstance(component, str) for part, component in zip(parts, components, strict=True)
    )


async def answer_options(request: Request[Any, Any, Any]) -> Response[bytes] | None:
    """OPTIONS, whose answer by Litestar 2.25 knows only the handler that was registered first for an address.

    Asynchronous because Litestar would call it in a thread otherwise, before every request there is.
    """
    if request.method != "OPTIONS":
        return None
    return Response(b"", status_code=204, headers={"Allow": allowed(request.app, request.url.path)})
