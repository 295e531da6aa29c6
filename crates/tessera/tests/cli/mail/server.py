"""A mail server for tests, on a free port of this machine. Prints one JSON document a line: where it listens, then each mail."""

import argparse
import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


def say(**words):
    print(json.dumps(words), flush=True)


class Handler:
    def __init__(self, answers):
        self.answers = answers

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        say(
            sender=envelope.mail_from,
            recipients=envelope.rcpt_tos,
            content=envelope.content.decode(),
            encrypted=server.transport.get_extra_info("sslcontext") is not None,
            login=session.auth_data,
        )
        return "250 OK"


class Injected(SMTP):
    """Before TLS begins, somebody on the way adds answers to that of the server."""

    inject = []

    async def push(self, status):
        if status.startswith("220 Ready"):
            status = "\r\n".join([status, *self.inject])
        await super().push(status)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--security", choices=["starttls", "tls", "none"])
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--login", help="name:password")
    parser.add_argument("--answer", action="append", default=[], help="what the first recipients get")
    parser.add_argument("--inject", action="append", default=[], help="an answer before TLS begins")
    options = parser.parse_args()
    Injected.inject = options.inject
    context = None
    if options.certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options.certificate, options.key)

    def authenticate(server, session, envelope, mechanism, data):
        given = f"{data.login.decode()}:{data.password.decode()}"
        return AuthResult(success=given == options.login, handled=False, auth_data=data.login.decode())

    handler = Handler(options.answer)

    def protocol():
        return Injected(
            handler,
            hostname="mail.test",
            tls_context=context if options.security == "starttls" else None,
            require_starttls=options.security == "starttls",
            authenticator=authenticate,
            auth_required=options.login is not None,
            auth_require_tls=options.security == "starttls",
        )

    implicit = context if options.security == "tls" else None
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=implicit)
    say(port=server.sockets[0].getsockname()[1])
    # Ends with the test that started it.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
