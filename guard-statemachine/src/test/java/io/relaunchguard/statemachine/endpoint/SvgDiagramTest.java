package io.relaunchguard.statemachine.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.lifecycle.LifecyclePath;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.lifecycle.LifecycleTable;
import io.relaunchguard.core.lifecycle.Transition;
import java.awt.Rectangle;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The picture is of the whole table, and nothing in it lies on something else. */
class SvgDiagramTest {

    private static final Pattern LINE = Pattern.compile("M(\\d+) (\\d+) (?:H(\\d+) )?.*?([HV])(\\d+)");

    /** A long one: every state is passed, and the grace is extended. */
    private static final LifecyclePath LONG = path(LifecycleState.PREFLIGHT, LifecycleTable.TRANSITIONS);

    @Test
    void drawsEveryStateOnce() throws Exception {
        assertThat(groups(SvgDiagram.of(LifecyclePath.NONE), "state"))
                .extracting(state -> state.getAttribute("data-state"))
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(LifecycleState.values()).map(Enum::name).toList());
    }

    @Test
    void drawsEveryTransitionOnceFromItsSourceToItsTarget() throws Exception {
        Map<String, Rectangle> boxes = boxes(SvgDiagram.of(LifecyclePath.NONE));
        List<Element> edges = groups(SvgDiagram.of(LifecyclePath.NONE), "edge");
        assertThat(edges)
                .extracting(SvgDiagramTest::told)
                .containsExactlyInAnyOrderElementsOf(LifecycleTable.TRANSITIONS.stream()
                        .map(SvgDiagramTest::told)
                        .toList());
        assertThat(edges).allSatisfy(edge -> {
            Matcher line = LINE.matcher(child(edge, "path").getAttribute("d"));
            assertThat(line.matches()).isTrue();
            int x = Integer.parseInt(line.group(1));
            int y = Integer.parseInt(line.group(2));
            int corner = line.group(3) == null ? x : Integer.parseInt(line.group(3));
            int end = Integer.parseInt(line.group(5));
            assertThat(isOnBorder(boxes.get(edge.getAttribute("data-from")), x, y, 0))
                    .as("begins at its source")
                    .isTrue();
            assertThat(isOnBorder(
                            boxes.get(edge.getAttribute("data-to")),
                            line.group(4).equals("H") ? end : corner,
                            line.group(4).equals("H") ? y : end,
                            2))
                    .as("ends at its target")
                    .isTrue();
            assertThat(child(edge, "text").getTextContent()).isNotBlank();
        });
        assertThat(edges)
                .extracting(edge -> child(edge, "path").getAttribute("d"))
                .doesNotHaveDuplicates();
    }

    @Test
    void noTextLiesOnAnotherOrLeavesItsPlace() throws Exception {
        String svg = SvgDiagram.of(LONG);
        Map<String, Rectangle> boxes = boxes(svg);
        List<Rectangle> labels = new ArrayList<>();
        for (Element edge : groups(svg, "edge")) {
            labels.add(extent(child(edge, "text"), 12));
        }
        for (Element state : groups(svg, "state")) {
            NodeList texts = state.getElementsByTagName("text");
            Rectangle box = boxes.get(state.getAttribute("data-state"));
            for (int i = 0; i < texts.getLength(); i++) {
                Element text = (Element) texts.item(i);
                Rectangle extent = extent(text, text.getAttribute("class").equals("name") ? 14 : 12);
                assertThat(box.contains(extent))
                        .as("%s in %s", text.getTextContent(), box)
                        .isTrue();
                assertThat(labels).noneMatch(extent::intersects);
            }
        }
        Rectangle picture = new Rectangle(1360, 968);
        for (int i = 0; i < labels.size(); i++) {
            Rectangle label = labels.get(i);
            assertThat(picture.contains(label)).isTrue();
            assertThat(boxes.values()).as("boxes and %s", label).noneMatch(label::intersects);
            assertThat(labels.subList(0, i)).noneMatch(label::intersects);
        }
    }

    @Test
    void marksTheWayAndWhereItIs() throws Exception {
        Transition first = LifecycleTable.TRANSITIONS.get(3);
        String svg = SvgDiagram.of(path(first.target(), List.of(first)));

        assertThat(groups(svg, "passed"))
                .extracting(state -> state.getAttribute("data-state"))
                .containsExactly("MARKER_CHECK");
        assertThat(groups(svg, "current"))
                .extracting(state -> state.getAttribute("data-state"))
                .containsExactly("HOLDER_READ");
        assertThat(groups(svg, "taken")).extracting(SvgDiagramTest::told).containsExactly(told(first));
        assertThat(child(groups(svg, "taken").get(0), "text").getTextContent()).isEqualTo("1 marker read");
        assertThat(groups(svg, "passed").get(0).getTextContent()).endsWith("1.5 s");
        assertThat(document(svg).getElementsByTagName("title").item(0).getTextContent())
                .isEqualTo("Relaunch Guard: Looking for the previous instance");
        assertThat(document(svg).getElementsByTagName("desc").item(0).getTextContent())
                .endsWith("This launch passed MARKER_CHECK (1.5 s), HOLDER_READ (1.5 s).");
    }

    @Test
    void withoutALaunchNothingIsMarked() throws Exception {
        String svg = SvgDiagram.of(LifecyclePath.NONE);
        assertThat(groups(svg, "passed")).isEmpty();
        assertThat(groups(svg, "current")).isEmpty();
        assertThat(groups(svg, "taken")).isEmpty();
        assertThat(document(svg).getElementsByTagName("title").item(0).getTextContent())
                .endsWith("no launch");
    }

    @Test
    void standsAloneAndSaysWhatItIs() throws Exception {
        String svg = SvgDiagram.of(LONG);
        Element root = document(svg).getDocumentElement();
        assertThat(root.getAttribute("role")).isEqualTo("img");
        assertThat(root.getAttribute("aria-labelledby")).isEqualTo("rg-title rg-what");
        assertThat(svg)
                .contains("prefers-color-scheme: dark")
                .doesNotContain("<script", "href", "@import", "<image", "<foreignObject", " on");
        assertThat(svg.replace("http://www.w3.org/2000/svg", "")).doesNotContain("://");
        assertThat(Pattern.compile("url\\((?!#)").matcher(svg).find()).isFalse();
    }

    private static LifecyclePath path(LifecycleState current, List<Transition> taken) {
        return new LifecyclePath(
                taken,
                Map.of(
                        LifecycleState.START, Duration.ofMillis(500),
                        LifecycleState.MARKER_CHECK, Duration.ofMillis(1500),
                        LifecycleState.HOLDER_READ, Duration.ofMillis(1500),
                        LifecycleState.DECIDE, Duration.ofNanos(1),
                        LifecycleState.TEARDOWN_GRACE, Duration.ofMinutes(61).plusSeconds(59),
                        LifecycleState.TERM, Duration.ofNanos(1),
                        LifecycleState.REVALIDATE, Duration.ofNanos(1),
                        LifecycleState.KILL, Duration.ofNanos(1),
                        LifecycleState.PREFLIGHT, Duration.ofMinutes(61).plusSeconds(59)),
                Optional.of(current));
    }

    private static Map<String, Rectangle> boxes(String svg) throws Exception {
        Map<String, Rectangle> boxes = new HashMap<>();
        for (Element state : groups(svg, "state")) {
            Element rect = child(state, "rect");
            boxes.put(
                    state.getAttribute("data-state"),
                    new Rectangle(number(rect, "x"), number(rect, "y"), number(rect, "width"), number(rect, "height")));
        }
        return boxes;
    }

    private static boolean isOnBorder(Rectangle box, int x, int y, int margin) {
        Rectangle outer = new Rectangle(box);
        outer.grow(margin, margin);
        Rectangle inner = new Rectangle(box);
        inner.grow(-1, -1);
        return x >= outer.x
                && x <= outer.x + outer.width
                && y >= outer.y
                && y <= outer.y + outer.height
                && !inner.contains(x, y);
    }

    /** As wide as in a wide font, about; what a state is about is not bold. */
    private static Rectangle extent(Element text, int size) {
        int width = (int) (text.getTextContent().length()
                * size
                * (text.getAttribute("class").equals("what") ? 0.57 : 0.64));
        int x = number(text, "x");
        boolean ends = text.getAttribute("text-anchor").equals("end");
        boolean isCentred = !text.getAttribute("class").isEmpty();
        return new Rectangle(
                ends ? x - width : (isCentred ? x - width / 2 : x), number(text, "y") - size * 3 / 4, width, size);
    }

    private static String told(Element edge) {
        return edge.getAttribute("data-from") + " " + edge.getAttribute("data-event") + " "
                + edge.getAttribute("data-guard") + " " + edge.getAttribute("data-to");
    }

    private static String told(Transition row) {
        return row.source() + " " + row.event() + " " + row.guard() + " " + row.target();
    }

    private static List<Element> groups(String svg, String style) throws Exception {
        NodeList groups = document(svg).getElementsByTagName("g");
        return IntStream.range(0, groups.getLength())
                .mapToObj(i -> (Element) groups.item(i))
                .filter(group ->
                        List.of(group.getAttribute("class").split(" ", -1)).contains(style))
                .toList();
    }

    private static Document document(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    }

    private static Element child(Element parent, String name) {
        return (Element) parent.getElementsByTagName(name).item(0);
    }

    private static int number(Element element, String attribute) {
        return Integer.parseInt(element.getAttribute(attribute));
    }
}
