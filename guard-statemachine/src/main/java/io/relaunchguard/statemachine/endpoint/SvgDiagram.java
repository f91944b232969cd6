package io.relaunchguard.statemachine.endpoint;

import io.relaunchguard.core.lifecycle.LifecyclePath;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.lifecycle.LifecycleTable;
import io.relaunchguard.core.lifecycle.Transition;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The drawing of the {@link LifecycleTable} and a launch's way through it as SVG that stands alone: no script, no
 * reference to anything outside, readable on light and dark.
 *
 * <p>The states that a launch passes in turn stand below each other, the choice at the start above them. PREFLIGHT, to
 * which each of them leads, is a bar along all of them, so that no two arrows cross; the ends stand on its other side.
 *
 * <p>A page that has the drawing inline finds each state as a {@code g.state} with {@code data-state}, and each
 * transition as a {@code g.edge} with {@code data-from}, {@code data-event}, {@code data-guard} and {@code data-to}.
 */
public final class SvgDiagram {

    private static final int WIDTH = 1360;
    private static final int HEIGHT = 968;

    /** The top of the first row, from which the next rows follow. */
    private static final int TOP = 144;

    private static final int START_TOP = 24;

    private static final int ROW = 120;

    private static final int BOX_HEIGHT = 76;
    private static final int LEFT = 180;
    private static final int LEFT_WIDTH = 308;
    private static final int MIDDLE = 708;
    private static final int MIDDLE_WIDTH = 220;
    private static final int RIGHT = 1150;
    private static final int RIGHT_WIDTH = 190;

    private static final Map<LifecycleState, Box> BOXES = boxes();

    private static final String STYLE = """
            .rg-diagram {
              --ground: #ffffff; --ink: #1f2328; --muted: #59636e; --line: #818b98; --box: #f6f8fa; --edge: #d1d9e0;
              --way: #0969da; --way-box: #ddf4ff; --ready: #1a7f37; --held: #9a6700; --failed: #cf222e; --on: #ffffff;
              font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
            }
            @media (prefers-color-scheme: dark) {
              .rg-diagram {
                --ground: #0d1117; --ink: #e6edf3; --muted: #9198a1; --line: #6e7681; --box: #161b22; --edge: #3d444d;
                --way: #58a6ff; --way-box: #0c2a4d; --ready: #238636; --held: #9e6a03; --failed: #da3633; --on: #ffffff;
              }
            }
            .rg-diagram .ground { fill: var(--ground); }
            .rg-diagram text { fill: var(--ink); font-size: 12px; }
            .rg-diagram .state rect { fill: var(--box); stroke: var(--edge); stroke-width: 1.5; }
            .rg-diagram .state text { text-anchor: middle; }
            .rg-diagram .state .name { font-size: 14px; font-weight: 600; letter-spacing: 0.03em; }
            .rg-diagram .state .what { fill: var(--muted); }
            .rg-diagram .state .dwell { font-weight: 600; fill: var(--way); }
            .rg-diagram .passed rect { fill: var(--way-box); stroke: var(--way); }
            .rg-diagram .current rect { fill: var(--way); stroke: var(--way); }
            .rg-diagram .current text, .rg-diagram .current .what, .rg-diagram .current .dwell { fill: var(--on); }
            .rg-diagram .current[data-state="READY"] rect { fill: var(--ready); stroke: var(--ready); }
            .rg-diagram .current[data-state="HELD"] rect { fill: var(--held); stroke: var(--held); }
            .rg-diagram .current[data-state="FAILED"] rect { fill: var(--failed); stroke: var(--failed); }
            .rg-diagram .edge path { fill: none; stroke: var(--line); stroke-width: 1.25; marker-end: url(#rg-head); }
            .rg-diagram .edge text { fill: var(--muted); }
            .rg-diagram .taken path { stroke: var(--way); stroke-width: 2.5; marker-end: url(#rg-head-taken); }
            .rg-diagram .taken text { fill: var(--ink); font-weight: 600; }
            .rg-diagram .step { fill: var(--way); }
            .rg-diagram .head { fill: var(--line); }
            .rg-diagram .head-taken { fill: var(--way); }
            @media (prefers-color-scheme: dark) { .rg-diagram .current:not(.end) text { fill: var(--ground); } }
            """;

    private static final String HEADS = """
            <defs>
            <marker id="rg-head" viewBox="0 0 10 10" refX="9" refY="5" markerUnits="userSpaceOnUse" markerWidth="9" markerHeight="9" orient="auto"><path class="head" d="M0 1 L10 5 L0 9 z"/></marker>
            <marker id="rg-head-taken" viewBox="0 0 10 10" refX="9" refY="5" markerUnits="userSpaceOnUse" markerWidth="13" markerHeight="13" orient="auto"><path class="head-taken" d="M0 1 L10 5 L0 9 z"/></marker>
            </defs>
            """;

    private SvgDiagram() {}

    /** Returns the table with this launch in it. */
    public static String of(LifecyclePath launch) {
        String title = launch.current()
                .map(state -> "Relaunch Guard: " + state.description())
                .orElse("Relaunch Guard: no launch");
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"rg-diagram\" role=\"img\""
                + " aria-labelledby=\"rg-title rg-what\" viewBox=\"0 0 " + WIDTH + " " + HEIGHT + "\" width=\"" + WIDTH
                + "\" height=\"" + HEIGHT + "\">\n"
                + "<title id=\"rg-title\">" + escape(title) + "</title>\n"
                + "<desc id=\"rg-what\">" + escape(told(launch)) + "</desc>\n"
                + "<style>\n" + STYLE + "</style>\n"
                + HEADS
                + "<rect class=\"ground\" width=\"" + WIDTH + "\" height=\"" + HEIGHT + "\"/>\n"
                + LifecycleTable.TRANSITIONS.stream()
                        .map(row -> edge(row, launch))
                        .collect(Collectors.joining())
                + Arrays.stream(LifecycleState.values())
                        .map(state -> state(state, launch))
                        .collect(Collectors.joining())
                + "</svg>\n";
    }

    private static Map<LifecycleState, Box> boxes() {
        Map<LifecycleState, Box> boxes = new EnumMap<>(LifecycleState.class);
        List<LifecycleState> inTurn = Arrays.stream(LifecycleState.values())
                .filter(state -> !state.isEnd() && state != LifecycleTable.INITIAL && state != LifecycleState.PREFLIGHT)
                .toList();
        for (LifecycleState state : inTurn) {
            boxes.put(state, new Box(LEFT, TOP + boxes.size() * ROW, LEFT_WIDTH, BOX_HEIGHT));
        }
        boxes.put(LifecycleTable.INITIAL, new Box(LEFT, START_TOP, LEFT_WIDTH, BOX_HEIGHT));
        boxes.put(LifecycleState.PREFLIGHT, new Box(MIDDLE, TOP, MIDDLE_WIDTH, (inTurn.size() - 1) * ROW + BOX_HEIGHT));
        boxes.put(LifecycleState.READY, new Box(RIGHT, TOP + ROW, RIGHT_WIDTH, BOX_HEIGHT));
        boxes.put(LifecycleState.HELD, new Box(RIGHT, TOP + 3 * ROW, RIGHT_WIDTH, BOX_HEIGHT));
        boxes.put(LifecycleState.FAILED, new Box(RIGHT, TOP + 5 * ROW, RIGHT_WIDTH, BOX_HEIGHT));
        return boxes;
    }

    private static Box box(LifecycleState state) {
        return Objects.requireNonNull(BOXES.get(state));
    }

    private static String state(LifecycleState state, LifecyclePath launch) {
        Box box = box(state);
        String dwell = launch.dwell(state);
        String style = "state" + (state.isEnd() ? " end" : "")
                + (launch.current().filter(state::equals).isPresent()
                        ? " current"
                        : (launch.visited(state) ? " passed" : ""));
        int middle = box.y() + box.height() / 2;
        int name = dwell.isEmpty() ? middle - 4 : middle - 14;
        return "<g class=\"" + style + "\" data-state=\"" + state + "\"><rect x=\"" + box.x() + "\" y=\"" + box.y()
                + "\" width=\"" + box.width() + "\" height=\"" + box.height() + "\" rx=\""
                + (state == LifecycleTable.INITIAL ? BOX_HEIGHT / 2 : 10) + "\"/>"
                + text("name", box.middle(), name, state.name())
                + text("what", box.middle(), name + 19, state.description())
                + (dwell.isEmpty() ? "" : text("dwell", box.middle(), name + 38, dwell))
                + "</g>\n";
    }

    private static String edge(Transition row, LifecyclePath launch) {
        Arrow arrow = arrow(row);
        String steps = launch.steps(row);
        return "<g class=\"edge" + (steps.isEmpty() ? "" : " taken") + "\" data-from=\"" + row.source()
                + "\" data-event=\"" + row.event() + "\" data-guard=\"" + row.guard() + "\" data-to=\"" + row.target()
                + "\"><path d=\"" + arrow.line() + "\"/><text x=\"" + arrow.labelX() + "\" y=\"" + arrow.labelY() + "\""
                + (arrow.labelEnds() ? " text-anchor=\"end\"" : "") + ">"
                + (steps.isEmpty() ? "" : "<tspan class=\"step\">" + escape(steps) + "</tspan> ")
                + escape(row.label()) + "</text></g>\n";
    }

    private static Arrow arrow(Transition row) {
        Box from = box(row.source());
        Box to = box(row.target());
        if (row.source() == row.target() && row.source() == LifecycleState.PREFLIGHT) {
            // Draw it on the side of the ends: arrows come in on the other side.
            int upper = from.y() + 22;
            int lower = from.y() + BOX_HEIGHT - 22;
            return new Arrow(
                    "M" + from.right() + " " + upper + " h16 a16 16 0 0 1 0 " + (lower - upper) + " H"
                            + (from.right() + 2),
                    from.right() + 40,
                    from.y() + BOX_HEIGHT / 2 + 4,
                    false);
        }
        if (row.source() == row.target()) {
            int upper = from.y() + 22;
            int lower = from.y() + from.height() - 22;
            return new Arrow(
                    "M" + from.x() + " " + lower + " h-16 a16 16 0 0 1 0 " + (upper - lower) + " H" + (from.x() - 2),
                    from.x() - 40,
                    from.y() + from.height() / 2 + 4,
                    true);
        }
        if (from.x() == to.x()) {
            int x = from.middle();
            return new Arrow(
                    "M" + x + " " + from.bottom() + " V" + (to.y() - 2),
                    x + 12,
                    (from.bottom() + to.y()) / 2 + 4,
                    false);
        }
        if (row.source() == LifecycleTable.INITIAL) {
            // Draw it over whatever stands between, and down.
            int y = from.y() + (to.x() == RIGHT ? 24 : 52);
            return new Arrow(
                    "M" + from.right() + " " + y + " H" + to.middle() + " V" + (to.y() - 2),
                    from.right() + 12,
                    y - 5,
                    false);
        }
        Box smaller = from.height() < to.height() ? from : to;
        List<Transition> beside = LifecycleTable.TRANSITIONS.stream()
                .filter(other -> other.source() == row.source() && other.target() == row.target())
                .toList();
        int y = smaller.y() + smaller.height() * (beside.indexOf(row) + 1) / (beside.size() + 1);
        return new Arrow("M" + from.right() + " " + y + " H" + (to.x() - 2), from.right() + 12, y - 5, false);
    }

    private static String told(LifecyclePath launch) {
        String states = Arrays.stream(LifecycleState.values())
                .filter(launch::visited)
                .map(state -> launch.dwell(state).isEmpty() ? state.name() : state + " (" + launch.dwell(state) + ")")
                .collect(Collectors.joining(", "));
        return "The states of a launch and the transitions between them."
                + (states.isEmpty() ? "" : " This launch passed " + states + ".");
    }

    private static String text(String style, int x, int y, String text) {
        return "<text class=\"" + style + "\" x=\"" + x + "\" y=\"" + y + "\">" + escape(text) + "</text>";
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private record Box(int x, int y, int width, int height) {

        int middle() {
            return x + width / 2;
        }

        int right() {
            return x + width;
        }

        int bottom() {
            return y + height;
        }
    }

    /** An arrow with its label. With {@code labelEnds} the label ends at this place, otherwise it begins there. */
    private record Arrow(String line, int labelX, int labelY, boolean labelEnds) {}
}
