"""An upstream that is asked no more once it has been silent several times."""

from service.core.errors import Cause, UpstreamError
from service.core.ports import Answer, Request, Upstream

_SILENCES = 3
_SILENT = {Cause.UNREACHABLE, Cause.TIMEOUT}


class PatientUpstream:
    """Passes requests on until three of them had no answer in time; refuses all that follow at once."""

    def __init__(self, upstream: Upstream) -> None:
        """Begin with full patience."""
        self._upstream, self._silences = upstream, 0

    @property
    def is_exhausted(self) -> bool:
        """Whether no request is passed on any more."""
        return self._silences >= _SILENCES

    def fetch(self, request: Request) -> Answer:
        """See the port."""
        if self.is_exhausted:
            raise UpstreamError(Cause.TIMEOUT, "not asked: the requests before it had no answer in time")
        try:
            return self._upstream.fetch(request)
        except UpstreamError as error:
            self._silences += error.cause in _SILENT
            raise
