"""What assistive technology is told about a page: Chromium's accessibility tree, cut down to what a person hears."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
from playwright.async_api import Page

PASSED_OVER = {"generic", "none", "LabelText", "Legend", "InlineTextBox", "ListMarker"}
STATES = ("checked", "level", "invalid", "required", "disabled", "readonly", "multiline", "expanded")
SILENT = ("invalid", "required", "disabled", "readonly", "multiline")
"""States that nobody is told of while they are false."""
SAID = {"true": True, "false": False}


class Node(msgspec.Struct):
    """One thing in the tree."""

    role: str
    name: str
    facts: dict[str, Any]
    children: tuple["Node", ...]

    def lines(self, indent: str = "") -> Iterator[str]:
        """The node as YAML, an entry of a list."""
        yield f"{indent}- role: {self.role}"
        for name, value in {"name": self.name, **self.facts}.items():
            if value != "":
                yield f"{indent}  {name}: {json.dumps(value, ensure_ascii=False)}"
        if self.children:
            yield f"{indent}  children:"
            for child in self.children:
                yield from child.lines(indent + "  ")


async def questions(page: Page) -> dict[str, Node]:
    """The tree of every question of a page, by the id of its control."""
    session = await page.context.new_cdp_session(page)
    nodes = {node["nodeId"]: node for node in (await session.send("Accessibility.getFullAXTree"))["nodes"]}
    by_element = {node["backendDOMNodeId"]: node for node in nodes.values() if "backendDOMNodeId" in node}
    found = {}
    root = (await session.send("DOM.getDocument"))["root"]["nodeId"]
    blocks = await session.send("DOM.querySelectorAll", {"nodeId": root, "selector": ".question"})
    for block in blocks["nodeIds"]:
        described = await session.send("DOM.describeNode", {"nodeId": block})
        html = (await session.send("DOM.getOuterHTML", {"nodeId": block}))["outerHTML"]
        item = html.split(' id="', 1)[1].split('"', 1)[0].partition("-")[0]
        node = by_element[described["node"]["backendNodeId"]]
        found[item] = Node(role="question", name="", facts={}, children=tuple(_heard(node, nodes)))
    await session.detach()
    return found


def _heard(node: dict[str, Any], nodes: dict[str, dict[str, Any]]) -> Iterator[Node]:
    """What of a node and below it is heard: what only groups or repeats is passed over."""
    below = [one for child in node.get("childIds", ()) if child in nodes for one in _heard(nodes[child], nodes)]
    role = node.get("role", {}).get("value", "none")
    if node["ignored"] or role in PASSED_OVER:
        yield from below
        return
    name = node.get("name", {}).get("value", "").strip()
    if role in {"heading", "paragraph"}:
        name, below = " ".join(" ".join(one.name for one in below).split()), []
    said = " ".join(one.name for one in below if one.role == "StaticText")
    yield Node(
        role=role,
        name=name,
        facts=_facts(node),
        children=tuple(one for one in below if one.role != "StaticText" or (said != name and role != "option")),
    )


def _facts(node: dict[str, Any]) -> dict[str, Any]:
    states = {one["name"]: SAID.get(said := one["value"].get("value"), said) for one in node.get("properties", ())}
    told = {name: states[name] for name in STATES if states.get(name, False) or (name in states and name not in SILENT)}
    value = node.get("value", {}).get("value", "")
    return {"description": node.get("description", {}).get("value", ""), "value": value, **told}
