"""Supabase Storage on loopback: its addresses, its answers, and what it refuses."""

from __future__ import annotations

import asyncio
import base64
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

SECRET_KEY = "sb_secret_of_the_test"
LEGACY_KEY = "eyJhbGciOiJIUzI1NiJ9.e30.signature"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Refused(Exception):
    """Storage says 400 for nearly everything and tells the true status in the body."""

    def __init__(self, status: int, code: str, error: str | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.error = error or code

    def response(self) -> web.Response:
        body = {
            "statusCode": str(self.status),
            "code": self.code,
            "error": self.error,
            "message": f"told in words: {self.code}",
        }
        return web.json_response(body, status=500 if self.status == 500 else 400)


class StorageServer:
    """`objects` are keyed by bucket and path; `faults` are given, one after the other, in place
    of answers: a status, or "cut" for a connection that breaks in the middle of the body. `pages`:
    it knows list-v2, which Storage of before 2025 does not."""

    def __init__(
        self, *, page: int = 1000, size_limit: int = 50 * 1024 * 1024, pages: bool = True
    ) -> None:
        self.buckets: dict[str, bool] = {}
        self.objects: dict[tuple[str, str], bytes] = {}
        self.updated: dict[tuple[str, str], datetime] = {}
        self.faults: list[int | str] = []
        self.requests: Counter[str] = Counter()
        self.page = page
        self.pages = pages
        self.stuck = False  # whether every page is followed by itself
        self.size_limit = size_limit
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._guard(request, handler)

        app = web.Application(middlewares=[guard], client_max_size=2**27)
        storage = "/storage/v1"
        app.router.add_get(storage + "/bucket/{bucket}", self._get_bucket)
        app.router.add_post(storage + "/bucket", self._create_bucket)
        app.router.add_post(storage + "/object/list/{bucket}", self._list)
        app.router.add_post(storage + "/object/list-v2/{bucket}", self._list_pages)
        app.router.add_get(storage + "/object/{bucket}/{path:.+}", self._download)
        app.router.add_post(storage + "/object/{bucket}/{path:.+}", self._upload)
        app.router.add_delete(storage + "/object/{bucket}", self._remove)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def age(self, path: str, **ago: float) -> None:
        for key in self.updated:
            if key[1] == path:
                self.updated[key] = datetime.now(UTC) - timedelta(**ago)

    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.requests[f"{request.method} {request.path.split('/')[3]}"] += 1
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, int):
            body = {"statusCode": str(fault), "error": "fault", "message": SECRET_KEY}
            return web.json_response(body, status=fault)
        request["cut"] = fault == "cut"
        key, token = request.headers.get("apikey"), request.headers.get("Authorization")
        if key not in (SECRET_KEY, LEGACY_KEY):
            # The gateway, which is not Storage and speaks its own way.
            return web.json_response({"message": "Invalid API key"}, status=401)
        try:
            if (key == SECRET_KEY and token) or (key == LEGACY_KEY and token != f"Bearer {key}"):
                raise Refused(403, "AccessDenied", "Unauthorized")
            return await handler(request)
        except Refused as refused:
            return refused.response()

    def _bucket(self, request: web.Request) -> str:
        bucket = request.match_info["bucket"]
        if bucket not in self.buckets:
            raise Refused(404, "NoSuchBucket", "Bucket not found")
        return bucket

    async def _get_bucket(self, request: web.Request) -> web.Response:
        bucket = self._bucket(request)
        return web.json_response(
            {"id": bucket, "name": bucket, "owner": "", "public": self.buckets[bucket]}
        )

    async def _create_bucket(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body["id"] in self.buckets:
            raise Refused(409, "BucketAlreadyExists", "Duplicate")
        self.buckets[body["id"]] = body.get("public", False)
        return web.json_response({"name": body["name"]})

    async def _upload(self, request: web.Request) -> web.Response:
        bucket, path = self._bucket(request), request.match_info["path"]
        if request.content_length is None:
            raise Refused(400, "MissingContentLength")
        if request.content_length > self.size_limit:
            raise Refused(413, "EntityTooLarge", "Payload too large")
        data = await request.read()
        if (bucket, path) in self.objects and request.headers.get("x-upsert") != "true":
            raise Refused(409, "KeyAlreadyExists", "Duplicate")
        self.objects[bucket, path] = data
        self.updated[bucket, path] = datetime.now(UTC)
        if request["cut"]:
            _cut(request)
        return web.json_response({"Key": f"{bucket}/{path}", "Id": "an-id"})

    async def _download(self, request: web.Request) -> web.StreamResponse:
        data = self.objects.get((self._bucket(request), request.match_info["path"]))
        if data is None:
            raise Refused(404, "NoSuchKey", "not_found")
        response = web.StreamResponse(headers={"Content-Length": str(len(data))})
        await response.prepare(request)
        if request["cut"]:
            await response.write(data[: len(data) // 2])
            _cut(request)
        await response.write(data)
        return response

    async def _remove(self, request: web.Request) -> web.Response:
        bucket, body = self._bucket(request), await request.json()
        if not body.get("prefixes"):
            raise Refused(400, "InvalidRequest")
        found = [path for path in body["prefixes"] if self.objects.pop((bucket, path), None)]
        for path in body["prefixes"]:
            self.objects.pop((bucket, path), None)
            self.updated.pop((bucket, path), None)
        return web.json_response([{"name": path} for path in found])

    async def _list(self, request: web.Request) -> web.Response:
        bucket, body = self._bucket(request), await request.json()
        prefix = body["prefix"]
        if prefix and not prefix.endswith("/"):
            prefix += "/"
        entries: dict[str, dict[str, Any]] = {}
        for (owner, path), moment in self.updated.items():
            if owner != bucket or not path.startswith(prefix):
                continue
            name, inside, _ = path.removeprefix(prefix).partition("/")
            entries[name] = {
                "name": name,
                "id": None if inside else f"id of {path}",
                "updated_at": None if inside else f"{moment:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
                "metadata": None if inside else {"size": len(self.objects[owner, path])},
            }
        start, limit = body.get("offset", 0), min(body.get("limit", 100), self.page)
        names = sorted(entries)[start : start + limit]
        return web.json_response([entries[name] for name in names])

    async def _list_pages(self, request: web.Request) -> web.Response:
        if not self.pages:
            return web.json_response(
                {"message": "This feature is not available for your tenant"}, status=400
            )
        bucket, body = self._bucket(request), await request.json()
        after = base64.b64decode(body.get("cursor", "")).decode()
        names = sorted(
            path
            for owner, path in self.updated
            if owner == bucket and path.startswith(body["prefix"]) and path > after
        )
        page = names[: min(body["limit"], self.page)]
        answer: dict[str, Any] = {
            "hasNext": len(names) > len(page),
            "folders": [],
            "objects": [
                {
                    "id": f"id of {path}",
                    "name": path,
                    "key": path,
                    "updated_at": f"{self.updated[bucket, path]:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
                }
                for path in page
            ],
        }
        if self.stuck:
            answer |= {"hasNext": True, "nextCursor": "c2FtZQ=="}
        elif answer["hasNext"]:
            answer["nextCursor"] = base64.b64encode(page[-1].encode()).decode()
        return web.json_response(answer)


def _cut(request: web.Request) -> None:
    transport = request.transport
    assert transport is not None
    transport.abort()
    raise asyncio.CancelledError
