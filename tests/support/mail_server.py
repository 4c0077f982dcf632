# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A mail server that stores received mails."""

from __future__ import annotations

from email import message_from_bytes, policy

from aiosmtpd.controller import Controller

from stack.processes import free_port


class MailServer:
    """A server that receives mails over SMTP."""

    def __init__(self):
        self.mails = []
        self.port = free_port(0)
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802, its name
        """Store a mail; called by aiosmtpd."""
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append((sorted(envelope.rcpt_tos), mail))
        return "250 OK"

    def start(self):
        self._controller.start()

    def stop(self):
        self._controller.stop()

    def take(self):
        """Return all mails since the last call: recipients, subject, text and HTML."""
        taken, self.mails[:] = list(self.mails), []
        return [
            (
                to,
                mail["subject"],
                mail.get_body(("plain",)).get_content(),
                mail.get_body(("html",)).get_content(),
            )
            for to, mail in taken
        ]
