package io.relaunchguard.statemachine.page;

import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.lifecycle.MermaidDiagram;
import io.relaunchguard.statemachine.history.HistoryRecord;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.json.JsonWriter;
import org.springframework.boot.json.WritableJson;

/** The page's data as JSON, whichever JSON library the application has, or none. */
final class PageJson {

    private PageJson() {}

    /** Returns what the page shows now. */
    static String of(PageView view) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("subject", view.subject());
        members.put("state", view.state());
        members.put("path", view.path().stream().map(PageJson::members).toList());
        members.put("last", view.last() == null ? null : json(view.last()));
        members.put("history", view.history().stream().map(PageJson::json).toList());
        return JsonWriter.standard().writeToString(members);
    }

    /** Returns what never changes: the table's diagram, and the states in their order. */
    static String ofLifecycle() {
        return JsonWriter.standard()
                .writeToString(Map.of(
                        "diagram",
                        MermaidDiagram.ofTable(),
                        "states",
                        Arrays.stream(LifecycleState.values())
                                .map(PageJson::members)
                                .toList()));
    }

    private static Map<String, Object> members(HistoryRecord.Step step) {
        return Map.of("from", step.from(), "event", step.event(), "guard", step.guard(), "to", step.to());
    }

    private static Map<String, Object> members(LifecycleState state) {
        return Map.of("name", state.name(), "description", state.description(), "end", state.isEnd());
    }

    private static WritableJson json(HistoryRecord launch) {
        return out -> out.append(launch.toJson());
    }
}
