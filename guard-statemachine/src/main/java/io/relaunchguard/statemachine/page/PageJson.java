package io.relaunchguard.statemachine.page;

import io.relaunchguard.core.lifecycle.LaunchState;
import io.relaunchguard.core.lifecycle.MermaidDiagram;
import io.relaunchguard.statemachine.history.LaunchRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.json.JsonWriter;
import org.springframework.boot.json.JsonWriter.Members;
import org.springframework.boot.json.WritableJson;

/** The page's data as JSON, whichever JSON library the application has, or none. */
final class PageJson {

    private static final JsonWriter<LaunchRecord.Judgement> JUDGEMENT = JsonWriter.of(members -> {
        members.add("kind", LaunchRecord.Judgement::kind);
        members.add("reason", LaunchRecord.Judgement::reason);
        members.add("detail", LaunchRecord.Judgement::detail);
    });

    private static final JsonWriter<LaunchRecord.Holder> HOLDER = JsonWriter.of(members -> {
        members.add("host", LaunchRecord.Holder::host);
        members.add("pid", LaunchRecord.Holder::pid);
        members.add("since", LaunchRecord.Holder::since).as(Object::toString);
        members.add("start", LaunchRecord.Holder::start);
        members.add("state", LaunchRecord.Holder::state);
        members.add("user", LaunchRecord.Holder::user);
        members.add("executable", LaunchRecord.Holder::executable);
        members.add("lineage", LaunchRecord.Holder::lineage);
    });

    private static final JsonWriter<LaunchRecord.Predicate> PREDICATE = JsonWriter.of(members -> {
        members.add("name", LaunchRecord.Predicate::name);
        members.add("result", LaunchRecord.Predicate::result);
        members.add("detail", LaunchRecord.Predicate::detail);
    });

    private static final JsonWriter<LaunchRecord.Visit> VISIT = JsonWriter.of(members -> {
        members.add("state", LaunchRecord.Visit::state);
        members.add("enteredAt", LaunchRecord.Visit::enteredAt).as(Object::toString);
        members.add("dwellMillis", LaunchRecord.Visit::dwellMillis);
    });

    private static final JsonWriter<LaunchRecord.Step> STEP = JsonWriter.of(members -> {
        members.add("from", LaunchRecord.Step::from);
        members.add("event", LaunchRecord.Step::event);
        members.add("guard", LaunchRecord.Step::guard);
        members.add("to", LaunchRecord.Step::to);
    });

    private static final JsonWriter<LaunchRecord.SignalRecord> SIGNAL = JsonWriter.of(members -> {
        members.add("signal", LaunchRecord.SignalRecord::signal);
        members.add("pid", LaunchRecord.SignalRecord::pid);
        members.add("result", LaunchRecord.SignalRecord::result);
        members.add("detail", LaunchRecord.SignalRecord::detail);
    });

    private static final JsonWriter<LaunchRecord> LAUNCH = JsonWriter.of(PageJson::launch);

    private static final JsonWriter<PageView> VIEW = JsonWriter.of(members -> {
        members.add("subject", PageView::subject);
        members.add("state", PageView::state);
        members.add("path", view -> each(STEP, view.path()));
        members.add("last", view -> one(LAUNCH, view.last()));
        members.add("history", view -> each(LAUNCH, view.history()));
    });

    private static final JsonWriter<LaunchState> STATE = JsonWriter.of(members -> {
        members.add("name", LaunchState::name);
        members.add("description", LaunchState::description);
        members.add("end", LaunchState::isEnd);
    });

    private PageJson() {}

    /** What is shown now. */
    static String of(PageView view) {
        return VIEW.writeToString(view);
    }

    /** What never changes: the table's diagram, and the states in their order. */
    static String ofLifecycle() {
        return JsonWriter.<String>of(members -> {
                    members.add("diagram", diagram -> diagram);
                    members.add("states", each(STATE, List.of(LaunchState.values())));
                })
                .writeToString(MermaidDiagram.ofTable());
    }

    private static void launch(Members<LaunchRecord> members) {
        members.add("outcome", LaunchRecord::outcome);
        members.add("verdict", launch -> one(JUDGEMENT, launch.verdict()));
        members.add("holder", launch -> one(HOLDER, launch.holder()));
        members.add("predicates", launch -> each(PREDICATE, launch.predicates()));
        members.add("timeline", launch -> each(VISIT, launch.timeline()));
        members.add("path", launch -> each(STEP, launch.path()));
        members.add("signals", launch -> each(SIGNAL, launch.signals()));
        members.add("survivors", LaunchRecord::survivors);
        members.add("faults", LaunchRecord::faults);
        members.add("summary", LaunchRecord::summary);
        members.add("advice", LaunchRecord::advice);
    }

    private static <T> List<WritableJson> each(JsonWriter<T> writer, List<T> values) {
        return values.stream().map(writer::write).toList();
    }

    private static <T> @Nullable WritableJson one(JsonWriter<T> writer, @Nullable T value) {
        return value == null ? null : writer.write(value);
    }
}
