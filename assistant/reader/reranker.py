"""A cross-encoder that the user names, run by sentence-transformers itself."""

from collections.abc import Sequence

from assistant.errors import RerankerError
from assistant.reader.pairs import Text
from index import EncoderError
from index.errors import first_line
from index.models import find_model


class Reranker:
    """Says how relevant a passage is to a question."""

    def __init__(self, name: str) -> None:
        """Finds and loads a cross-encoder; only safetensors weights are loaded.

        Args:
            name: The folder of one, or the name of one that sentence-transformers can fetch.

        Raises:
            RerankerError: If there is none, or if it does not give one score a passage.
        """
        self.name = name
        try:
            folder = find_model(name)
        except EncoderError as error:
            raise RerankerError(str(error)) from error
        import torch  # lazy: seconds to import, and only for a model the user names
        from sentence_transformers import CrossEncoder

        try:
            self._model = CrossEncoder(
                str(folder),
                device="cuda" if torch.cuda.is_available() else "cpu",
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
        except Exception as error:  # whatever a model's own code may raise
            reason = first_line(error)
            raise RerankerError(
                f"{name}: sentence-transformers cannot load it as a cross-encoder ({reason});"
                " name another model"
            ) from error
        if self._model.num_labels != 1:
            raise RerankerError(
                f"{name}: gives {self._model.num_labels} scores a passage, not one;"
                " name another cross-encoder"
            )

    def relevance(self, question: str, texts: Sequence[Text]) -> list[float]:
        """Returns how relevant each passage is, on the model's own scale."""
        pairs = [(question, " ".join([text.above, *text.sentences]).strip()) for text in texts]
        if not pairs:
            return []
        scores = self._model.predict(pairs, show_progress_bar=False)
        return [float(score) for score in scores]
