"""The admin API of local-cloud: sets the scene, and reads the log of calls."""

import json
import urllib.request


class Admin:
    def __init__(self, endpoints):
        self.base = f"{endpoints.local_cloud}/_local-cloud/"

    def post(self, path, **body):
        return self.send(path, json.dumps(body).encode())

    def get(self, path):
        return self.send(path, None)

    def send(self, path, body):
        request = urllib.request.Request(self.base + path, data=body)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
