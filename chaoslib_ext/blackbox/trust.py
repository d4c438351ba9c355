"""How to speak TLS: whom to trust, who we are, and by which name the server is called."""

import ssl
from dataclasses import dataclass
from pathlib import Path

from chaoslib_ext.errors import BadInput

from .arguments import known_keys, text

__all__ = ["Trust"]

_NO_CHECK_TIME = 0x200000  # openssl/x509_vfy.h, X509_V_FLAG_NO_CHECK_TIME; ssl has no name for it
_FILES = ("ca_file", "client_cert_file", "client_key_file")


@dataclass(frozen=True)
class Trust:
    """Files are PEM. `ca_file` takes the place of the system's authorities; `server_name` that of the host dialled.

    The key may stand in the file of the client's certificate. Raises BadInput for what is not there.
    """

    ca_file: str | None = None
    client_cert_file: str | None = None
    client_key_file: str | None = None
    server_name: str | None = None

    def __post_init__(self) -> None:
        for name in _FILES:
            written = getattr(self, name)
            if written is not None and not Path(text(name, written, "ca.pem")).is_file():
                raise BadInput(f"{name} is {written!r}, and there is no such file (from {Path.cwd()})")
        if self.client_key_file and not self.client_cert_file:
            raise BadInput("client_key_file is given without client_cert_file; name both")
        if self.server_name is not None:
            _check_name(text("server_name", self.server_name, "shop.example"))

    @staticmethod
    def of(written: object) -> "Trust":
        """From the mapping an author writes as `tls`. Raises BadInput."""
        return Trust(**known_keys("tls", written, (*_FILES, "server_name")))  # type: ignore[arg-type]

    def context(self) -> ssl.SSLContext:
        """For a client that checks the server's certificate and its name. Raises BadInput for files of another kind."""
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except (ssl.SSLError, OSError) as error:
            raise BadInput(f"ca_file {self.ca_file!r} holds no certificates in PEM ({error})") from None
        return self._with_client(context)

    def blind(self) -> ssl.SSLContext:
        """For a look at a certificate whatever it is worth."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return self._with_client(context)

    def only(self, der: bytes) -> ssl.SSLContext:
        """For reading this one certificate (DER): it is its own authority, whatever its dates and its name."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(cadata=der)
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | _NO_CHECK_TIME
        return self._with_client(context)

    def _with_client(self, context: ssl.SSLContext) -> ssl.SSLContext:
        if self.client_cert_file:
            try:
                context.load_cert_chain(self.client_cert_file, self.client_key_file, password=_no_password)
            except (ssl.SSLError, OSError) as error:
                files = " and ".join(filter(None, (self.client_cert_file, self.client_key_file)))
                raise BadInput(f"{files}: not a certificate and its key in PEM ({error})") from None
        return context


def _check_name(name: str) -> None:
    try:
        usable = bool(name.encode("idna")) and not any(sign.isspace() or sign in "/@" for sign in name)
    except UnicodeError:  # an empty part, or one too long
        usable = False
    if not usable:
        raise BadInput(f"server_name must be the name of a host, such as shop.example, not {name!r}")


def _no_password() -> str:
    """OpenSSL would ask the terminal, and wait."""
    raise BadInput("client_key_file is encrypted; give one that is not, readable by you alone")
