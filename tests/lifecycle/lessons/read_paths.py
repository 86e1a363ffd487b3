"""Every way to read about post-mortems that is not an address of a single one. A new way of reading is a line here.

`{project}` is the key of a project and `{word}` a word that stands in all texts of the case that must not be seen.
"""

from __future__ import annotations

GENERAL = (
    "/",
    "/waiting-count/",
    "/notices/",
    "/search/?q={word}",
    "/post-mortems/",
    "/post-mortems/?q={word}",
    "/post-mortems/?q={word}&sort=newest",
    "/post-mortems/?tag={word}",
    "/post-mortems/?factor=label_error",
    "/post-mortems/?factor=data&severity=high&kind=near_miss",
    "/post-mortems/?project={project}",
    "/post-mortems/?own=1",
    "/post-mortems/themes/",
    "/post-mortems/themes/?severity=high",
    "/projects/{project}/",
    "/projects/{project}/trail/",
    "/api/v1/post-mortems/?page_size=500",
    "/api/v1/post-mortems/?q={word}",
    "/api/v1/post-mortems/?factor=label_error&tag={word}",
    "/api/v1/post-mortem-themes/",
    "/api/v1/post-mortem-actions/",
    "/api/v1/notices/",
    "/api/v1/audit/?page_size=500",
    "/audit/",
)
# Below the address of a single one, for pages and REST alike: not there for those who may not see it.
OF_ONE = (
    "",
    "?edit=story",
    "export.md",
    "export.html",
    "export.pdf",
    "export.json",
    "export.html?version=1",
    "outward.html",
    "outward.json?version=1&money=1",
    "differences/",
    "revisions/1/",
)
# Paths whose answer counts something: they must say the same before and after a case that one may not see.
COUNTED = tuple(path for path in GENERAL if "audit" not in path and "trail" not in path)
