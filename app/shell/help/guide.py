"""What there is to read: the short guide behind F1 with the page of keys behind "?", and the lesson on collapse."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from PySide6.QtCore import QBuffer, QEvent, Qt, QTimer, QUrl
from PySide6.QtGui import (
    QColor,
    QFont,
    QIcon,
    QImage,
    QImageReader,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextTable,
)
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from app.core import theme
from engine.workspace import CHECKOUT

_GUIDE = """
<h2>What you are looking at</h2>
<p>A <b>sentence VAE</b> reads a sentence and writes it down as a short list of numbers, <b>z</b>. A second network, the
decoder, then tries to write the sentence again from z alone. The space of all z is the <b>latent space</b>.</p>
<p>Each of the maps shows the latent space of one model. <b>Every point is the same sentence in all maps</b>, one the
models have never seen in training. Points that lie near each other have a similar z. The axes themselves mean nothing:
the maps are flat drawings (UMAP, t-SNE or PCA) of a space with many more directions. Above each stands how many
neighbours it <b>keeps</b>: with few, trust its broad regions only. Another map is chosen or made by the button beside
the search.</p>
<p>Point at a sentence to find it in all maps. Turn the wheel to zoom, drag to move; while the maps are linked, all of
them follow, each about that same sentence. Click a sentence to read what each model writes from its z;
<span style="color:{changed}"><u>words that differ</u></span> are marked.</p>

<p><b>Colour by</b> says what the colours mean; drag over its scale, or click a word of its legend, and only these
points keep their colour. Of the three buttons beside it the first shows <b>density</b>, how many sentences lie at a
place, instead of colours; the second draws <b>contours</b>: within them are the densest places of a map, which hold
50%, 80% and 95% of its sentences. The third, a tag, writes <b>names</b> on the maps: where sentences crowd, the words
that tell them from the others around. A map that is one even cloud has none and says so,
and none are made up where a model has collapsed.</p>
<p>A decoder answers from any z, also where no sentence was ever encoded. At the bottom of a map stands how far a
decoded point is from the nearest sentence, beside how far sentences are from their nearest: further than 99% of them
is a place that the model has hardly been taught about. Click an empty place of a map for a guess of what the models
would say there, made from the sentences around; what is drawn around it shows how little such a place decides. Take the
path (<b>P</b>) above the maps, draw a line over one, and read along it: <b>As drawn</b>, such guesses at places of the
line; <b>Along sentences</b>, a way over real test sentences, each a neighbour of the next in z, by its bends.</p>

<h2>KL: how much z tells</h2>
<p>The encoder does not give one z but a small cloud of likely ones. <b>KL</b> measures how far this cloud is from the
<b>prior</b>, the cloud that a model would use if it knew nothing about the sentence. It is counted in nats
(1 nat is about 1.44 bits). <b>KL near 0: z says nothing. KL of 10: z says a lot.</b></p>
<p><b>AU</b>, active units, counts the numbers of z that change from sentence to sentence. The others are idle.
<b>Rec.</b>, the reconstruction loss −log p(x|z), is how badly the sentence is written again: smaller is better.</p>

<h2>What collapse looks like</h2>
<p>A decoder that is good at guessing the next word can do without z. Training then finds it cheaper to send nothing:
KL falls to 0, the units go idle, and the decoder writes <b>the same ordinary sentence for every point</b>; an
interpolation does not change. This is <b>posterior collapse</b>. The demo's plain <i>VAE</i> is part of the way there:
click several points and read its column. What it writes keeps the kind of sentence at best, and is often a stock
phrase, where AutoGen keeps the words.
Beneath the map of such a model stands <b>Collapsed</b> or <b>Weak</b>, with the reason; press it (or <b>Ctrl+I</b>) for
the diagnosis: all numbers, what each means, and what to try.
<a href="lesson" style="color:{accent}">What decides it: measured curves</a></p>

<h2>What (1+m) does</h2>
<p>Training maximises two terms: writing the sentence well, minus KL. <b>AutoGen</b> asks that the sentence be written
well <b>1+m times</b> over:</p>
<p style="margin-left:24px"><b>(1+m) · log p(x|z) − KL</b></p>
<p>With m = 0 this is the VAE. With m = 1 each sentence counts twice, so sending information through z pays off, and KL
rises. A larger m gives better reconstructions, and prior samples that are further from ordinary text.
<b>KL annealing</b> gets there another way: it starts without the KL term and brings it in slowly.</p>

<h2>How the sentences are made</h2>
<p><b>mean</b> decodes the middle of the cloud, z = μ; <b>sample</b> draws from it. <b>greedy</b> takes the most likely
word each time; <b>beam 10</b> keeps the ten best beginnings and is better. <b>log p(x̂|z)</b> says how sure the decoder
is of the sentence x̂ that it writes; <b>certainty</b> is the same for one token (a word, a punctuation mark or the end),
as a probability. <b>log p(x|z)</b> is the score of your sentence x, at the same z: what it costs the decoder to say
just that. <b>Words kept</b> counts words alone, without punctuation. <b>Prior samples</b> draw z without any sentence:
what comes out is what the model believes text to be.</p>

<h2>Sending sentences and points on</h2>
<p>Every sentence can go to every tab: with the arrow button beside it, with the menu of the right button, with <b>S</b>
and a letter, or dragged onto a field or the name of a tab, which opens when you rest on it. A row of decoded sentences
is also a <b>point</b> in every model, which is decoded as it is, without an encoder: choose it in the menu, or hold
<b>Shift</b> while you drag.</p>

<h2>Calculating with sentences</h2>
<p>A z is a list of numbers, so sentences can be added and subtracted. Under <b>Arithmetic</b>, <b>a − b + c</b> takes
what a has and b has not, and gives it to c. A <b>concept</b> is the difference between the means of two groups of
sentences. Any two groups have one: the bars beneath say whether it tells sentences apart that it was not made from
(50% is chance), and whether it is longer than between groups drawn by chance. What is selected on the maps becomes a
group with <b>Ctrl+K</b>: all of up to 500 sentences, of more 500 evenly spread.</p>

<h2>Selecting points</h2>
<p>Take the box (<b>M</b>) or the lasso (<b>L</b>) above the maps and draw round points: they stand out on every map,
the others are grey. Held keys say what becomes of them: <b>Shift</b> adds, <b>Ctrl</b> or <b>Alt</b> takes out, both
keep only what is selected and inside; with a click they do the same to one point. <b>H</b> looks around again; there
too, dragging with these keys draws a box. While something is searched, only what was found is taken.
<b>Ctrl+Enter</b> in the search selects what it has found. The button beside the tools (<b>Ctrl+E</b>) counts what is
selected, selects by neighbours and by numbers, and lists, copies, keeps and exports the selection, and saves it under a
name for the next time. All of it can be undone.</p>

<h2>The Train page</h2>
<p>It follows a training while it runs, this window's own or one that another machine writes: the curves of all
variants, thin for the training's batches and thick for the test text, and a few sentences that are written again at
every evaluation. <b>m of the KL weight</b> shows annealing as the paper sees it: a weight w on the KL is the same as
m′ = (1+m)/w − 1, so annealing takes m′ from infinity down to m, 0 for a VAE. <b>Show in Explore</b> opens the maps of
any checkpoint that was kept.</p>

<h2>The Evaluate page</h2>
<p>The variants side by side in numbers, each with its 95% interval: likelihood, use of z, reconstruction, generation
and interpolation, measured over the same test sentences. <b>+</b> and <b>−</b> mark what is better or worse than the
chosen baseline with the whole interval of the paired difference. Click a number for what it means, how it spreads over
single sentences, and which of them are worst; click one of these to see it on the maps. What is measured is kept, so
stopping loses nothing, and <b>Refine</b> goes on to the whole test set. <b>Second judge</b> trains a small language
model on the run's text, which judges what the models write beside the first; the demo has one.</p>

<h2><a name="keys"></a>Keys</h2>
<p>Keys without Ctrl are typed as text while the cursor is in a field.</p>
{keys}

<h2>About</h2>
<p>Latent Loom is under the MIT licence. The demo's text is made from English sentences of <b>Tatoeba</b>
(tatoeba.org) by its contributors, licensed <b>CC BY 2.0 FR</b>: those of 5 to 16 tokens, each once, without those that
a teacher would not show and most of those about Tom and Mary; none was changed. The font Inter is under the SIL Open
Font License.</p>
"""


LESSON = CHECKOUT / "docs" / "collapse.md"
"""What first weights, m, annealing, free bits and word drop do to the KL, measured."""


_AFTER_MS = 60
"""From a change of theme until a text is written anew in its colours, when the window has been painted."""


class _Reading(QDialog):
    """A text to read beside the maps; it does not block the window."""

    def __init__(self, parent: QWidget, title: str, text: QTextBrowser) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.text = text
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setIcon(QIcon())  # the platform's clashes with the theme
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.addWidget(text, 1)
        column.addWidget(buttons)
        self.resize(min(720, parent.width() - 80), min(680, parent.height() - 60))

    @classmethod
    def opened(cls, parent: QWidget, *given: Any) -> Self:
        """The one that lies open, brought to the front, or a new one.

        Args:
            parent: the window.
            given: what else a new one is made from.
        """
        there = parent.findChildren(cls, options=Qt.FindChildOption.FindDirectChildrenOnly)
        found = next((each for each in there if each.isVisible()), None) or cls(parent, *given)
        found.show()
        found.activateWindow()
        return found


class Guide(_Reading):
    """The guide."""

    def __init__(self, parent: QWidget, keys: str = "") -> None:
        """Args: parent: the window; keys: the page of its keys, as HTML."""
        super().__init__(parent, "What the maps show", _Text(keys))
        self._at_keys = False
        self.text.anchorClicked.connect(lambda _: Lesson.opened(parent))

    def show_keys(self) -> None:
        """Go to the keys."""
        self._at_keys = True
        self.text.scrollToAnchor("keys")

    def show_text(self) -> None:
        """Go to the beginning, but who reads the text already stays there."""
        if self._at_keys:
            self._at_keys = False
            self.text.verticalScrollBar().setValue(0)


class Lesson(_Reading):
    """The lesson on collapse, from the documents of the project, with its figures."""

    def __init__(self, parent: QWidget) -> None:
        """Args: parent: the window."""
        super().__init__(parent, "What decides whether z is used", _Document())
        self.resize(min(860, parent.width() - 60), min(760, parent.height() - 40))


class _InTheme(QTextBrowser):
    """A text with colours of its own, which is written again in those of another theme."""

    _written: theme.Theme | None = None

    def changeEvent(self, event: QEvent) -> None:
        """Another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            QTimer.singleShot(_AFTER_MS, self, self._follow)

    def _follow(self) -> None:
        """Write it in the colours of now; who reads goes on where the text is."""
        if self._written is not theme.current():
            self._written = theme.current()
            at = self.verticalScrollBar().value()
            self._write()
            self.verticalScrollBar().setValue(at)

    def _write(self) -> None:
        """Write the text in the colours of the theme."""


class _Document(_InTheme):
    """A document of the project with its figures, as wide as there is room; pages of the web open outside."""

    def __init__(self) -> None:
        self._figures: dict[tuple[str, int, theme.Mode], QImage] = {}
        super().__init__()
        self.setAccessibleName("Lesson on posterior collapse")
        self.setOpenExternalLinks(True)
        self.document().setDocumentMargin(12)
        self._follow()

    def _write(self) -> None:
        if not self.source().isEmpty():
            self.reload()
        elif LESSON.is_file():
            self.setSource(QUrl.fromLocalFile(str(LESSON)))
        else:
            self.setPlainText(f"{LESSON} is not there; it comes with the program's documents.")
            return
        self._space()

    def _space(self) -> None:
        """Room between the paragraphs, which Qt leaves out of a text in Markdown; commands stand in a little.

        What is bold has the weight that is shipped, and tables the lines of the theme.
        """
        edit = QTextCursor(self.document())
        edit.beginEditBlock()  # laid out once
        for frame in self.document().rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                lines = frame.format()
                lines.setBorderBrush(QColor(theme.current().border_strong))
                lines.setTopMargin(8)
                frame.setFormat(lines)
        block = self.document().begin()
        while block.isValid():
            self._weigh(block)
            cursor, shape = QTextCursor(block), block.blockFormat()
            if cursor.currentTable() is None:
                heading, command = shape.headingLevel() > 0, shape.nonBreakableLines()
                shape.setTopMargin(14 if heading else 0)
                shape.setBottomMargin(0 if command and block.next().blockFormat().nonBreakableLines() else 8)
                shape.setLeftMargin(14 if command else 0)
                cursor.setBlockFormat(shape)
            block = block.next()
        edit.endEditBlock()

    def _weigh(self, block: QTextBlock) -> None:
        heavy, pieces = [], block.begin()
        while not pieces.atEnd():
            piece = pieces.fragment()
            if piece.charFormat().fontWeight() > QFont.Weight.DemiBold:
                heavy.append((piece.position(), piece.position() + piece.length()))
            pieces += 1
        semi, cursor = QTextCharFormat(), QTextCursor(block)
        semi.setFontWeight(QFont.Weight.DemiBold)
        for begin, end in heavy:
            cursor.setPosition(begin)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(semi)

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """A figure fits the width, is in the theme's colours, and is read once for both; all else as usual."""
        if kind != QTextDocument.ResourceType.ImageResource:
            return super().loadResource(kind, name)
        path, room = self.source().resolved(QUrl(name)).toLocalFile(), max(300, self.viewport().width() - 40)
        key = path, room, theme.current().mode
        if key not in self._figures:
            self._figures[key] = _figure(Path(path), room)
        return self._figures[key]


def _figure(path: Path, room: int) -> QImage:
    """An SVG, at most `room` pixels wide, its white ground and black lines in the theme's colours; empty if missing."""
    if not path.is_file():
        return QImage()
    now = theme.current()
    drawing = path.read_text(encoding="utf-8").replace("#ffffff", now.field).replace("#000000", now.text)
    # Letters have no colour of their own: they take that of the whole.
    drawing = drawing.replace("<svg ", f'<svg fill="{now.text}" ', 1)
    held = QBuffer()
    held.setData(drawing.encode())
    reader = QImageReader(held, b"svg")
    size = reader.size()
    if size.width() > room:
        reader.setScaledSize(size.scaled(room, size.height(), Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()


class _Text(_InTheme):
    """The guide itself."""

    def __init__(self, keys: str) -> None:
        super().__init__()
        self._keys = keys
        self.setAccessibleName("Guide")
        self.setOpenLinks(False)
        self.document().setDefaultStyleSheet("b, h2, h3 { font-weight: 600; }")  # the weight that is shipped
        self._follow()
        self.document().setDocumentMargin(12)

    def _write(self) -> None:
        now = theme.current()
        self.setHtml(
            _GUIDE.replace("{changed}", now.changed).replace("{accent}", now.accent).replace("{keys}", self._keys)
        )
