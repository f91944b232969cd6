package io.relaunchguard.statemachine.history;

import io.relaunchguard.statemachine.history.HistoryRecord.Holder;
import io.relaunchguard.statemachine.history.HistoryRecord.Judgement;
import io.relaunchguard.statemachine.history.HistoryRecord.Predicate;
import io.relaunchguard.statemachine.history.HistoryRecord.SignalRecord;
import io.relaunchguard.statemachine.history.HistoryRecord.Step;
import io.relaunchguard.statemachine.history.HistoryRecord.Update;
import io.relaunchguard.statemachine.history.HistoryRecord.Visit;
import io.relaunchguard.statemachine.history.JsonText.Digits;
import io.relaunchguard.statemachine.history.JsonText.Malformed;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.json.JsonWriter;

/** A launch as one line of JSON, in the shape of {@link HistoryRecord}. A reader ignores keys that it does not know. */
final class HistoryLine {

    private static final String LAUNCH = "launch";
    private static final String LAUNCH_KEY = "\"" + LAUNCH + "\":";

    private HistoryLine() {}

    /** Returns the launch as a line, without a line end. */
    static String of(HistoryRecord launch) {
        return escapeLoneSurrogates(JsonWriter.standard().writeToString(members(launch)));
    }

    /** Returns the line of a launch whose beginning has a line too. The line names that beginning. */
    static String of(HistoryRecord ended, String launch) {
        Map<String, @Nullable Object> members = members(ended);
        members.put(LAUNCH, launch);
        return escapeLoneSurrogates(JsonWriter.standard().writeToString(members));
    }

    /** Returns the name of the beginning whose launch ends in this line; empty if the line names none. */
    static Optional<String> ends(String line) {
        if (!line.contains(LAUNCH_KEY)) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(new Members(JsonText.object(line)).optionalString(LAUNCH));
        } catch (Malformed e) {
            return Optional.empty();
        }
    }

    /** Returns the launch in this line; empty if the line is not whole, or not in this shape. */
    static Optional<HistoryRecord> read(String line) {
        try {
            return Optional.of(launch(new Members(JsonText.object(line))));
        } catch (Malformed e) {
            return Optional.empty();
        }
    }

    private static Map<String, @Nullable Object> members(HistoryRecord launch) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("outcome", launch.outcome());
        members.put("verdict", launch.verdict() == null ? null : members(launch.verdict()));
        members.put("holder", launch.holder() == null ? null : members(launch.holder()));
        members.put(
                "predicates",
                launch.predicates().stream().map(HistoryLine::members).toList());
        members.put(
                "timeline", launch.timeline().stream().map(HistoryLine::members).toList());
        members.put("path", launch.path().stream().map(HistoryLine::members).toList());
        members.put(
                "signals", launch.signals().stream().map(HistoryLine::members).toList());
        members.put("survivors", launch.survivors());
        members.put("faults", launch.faults());
        members.put("threadDump", launch.threadDump());
        members.put("update", launch.update() == null ? null : members(launch.update()));
        members.put("summary", launch.summary());
        members.put("advice", launch.advice());
        return members;
    }

    private static Map<String, @Nullable Object> members(Judgement verdict) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("kind", verdict.kind());
        members.put("reason", verdict.reason());
        members.put("detail", verdict.detail());
        return members;
    }

    private static Map<String, @Nullable Object> members(Holder holder) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("host", holder.host());
        members.put("pid", holder.pid());
        members.put("since", holder.since() == null ? null : holder.since().toString());
        members.put("start", holder.start());
        members.put("state", holder.state());
        members.put("user", holder.user());
        members.put("executable", holder.executable());
        members.put("lineage", holder.lineage());
        return members;
    }

    private static Map<String, @Nullable Object> members(Predicate predicate) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("name", predicate.name());
        members.put("result", predicate.result());
        members.put("detail", predicate.detail());
        return members;
    }

    private static Map<String, @Nullable Object> members(Visit visit) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("state", visit.state());
        members.put("enteredAt", visit.enteredAt().toString());
        members.put("dwellMillis", visit.dwellMillis());
        return members;
    }

    private static Map<String, @Nullable Object> members(Step step) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("from", step.from());
        members.put("event", step.event());
        members.put("guard", step.guard());
        members.put("to", step.to());
        return members;
    }

    private static Map<String, @Nullable Object> members(SignalRecord signal) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("signal", signal.signal());
        members.put("pid", signal.pid());
        members.put("result", signal.result());
        members.put("detail", signal.detail());
        return members;
    }

    private static Map<String, @Nullable Object> members(Update update) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("effect", update.effect());
        members.put("detail", update.detail());
        return members;
    }

    private static HistoryRecord launch(Members launch) throws Malformed {
        Members verdict = launch.optionalObject("verdict");
        Members holder = launch.optionalObject("holder");
        Members update = launch.optionalObject("update");
        return new HistoryRecord(
                launch.string("outcome"),
                verdict == null ? null : judgement(verdict),
                holder == null ? null : holder(holder),
                launch.list(
                        "predicates",
                        each -> new Predicate(each.string("name"), each.string("result"), each.string("detail"))),
                launch.list(
                        "timeline",
                        each -> new Visit(each.string("state"), each.instant("enteredAt"), each.real("dwellMillis"))),
                launch.list(
                        "path",
                        each -> new Step(
                                each.string("from"), each.string("event"), each.string("guard"), each.string("to"))),
                launch.list(
                        "signals",
                        each -> new SignalRecord(
                                each.string("signal"),
                                each.integer("pid"),
                                each.string("result"),
                                each.string("detail"))),
                launch.integers("survivors"),
                launch.strings("faults"),
                launch.optionalString("threadDump"),
                update == null ? null : new Update(update.string("effect"), update.string("detail")),
                launch.string("summary"),
                launch.string("advice"));
    }

    private static Judgement judgement(Members verdict) throws Malformed {
        return new Judgement(verdict.string("kind"), verdict.optionalString("reason"), verdict.string("detail"));
    }

    private static Holder holder(Members holder) throws Malformed {
        return new Holder(
                holder.string("host"),
                holder.integer("pid"),
                holder.optionalInstant("since"),
                holder.optionalString("start"),
                holder.optionalString("state"),
                holder.optionalString("user"),
                holder.optionalString("executable"),
                holder.optionalString("lineage"));
    }

    /**
     * Escapes halves of a character pair, because UTF-8 cannot encode them and a file would lose them. They stand
     * within strings only.
     */
    private static String escapeLoneSurrogates(String json) {
        StringBuilder escaped = new StringBuilder(json.length());
        json.codePoints().forEach(codePoint -> {
            if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
                escaped.append("\\u").append(Integer.toHexString(codePoint));
            } else {
                escaped.appendCodePoint(codePoint);
            }
        });
        return escaped.toString();
    }

    /** A way to make an element of a list from its members. */
    @FunctionalInterface
    private interface Reading<T> {
        T of(Members members) throws Malformed;
    }

    /** The members of an object. Each method requires the type that the member must have. */
    private record Members(Map<String, @Nullable Object> values) {

        String string(String name) throws Malformed {
            return required(name, optionalString(name));
        }

        @Nullable
        String optionalString(String name) throws Malformed {
            return as(String.class, name, values.get(name));
        }

        Instant instant(String name) throws Malformed {
            return required(name, optionalInstant(name));
        }

        @Nullable
        Instant optionalInstant(String name) throws Malformed {
            String text = optionalString(name);
            try {
                return text == null ? null : Instant.parse(text);
            } catch (DateTimeException e) {
                throw new Malformed(name);
            }
        }

        long integer(String name) throws Malformed {
            return integer(name, values.get(name));
        }

        double real(String name) throws Malformed {
            double real = Double.parseDouble(
                    required(name, as(Digits.class, name, values.get(name))).text());
            if (!Double.isFinite(real)) {
                throw new Malformed(name);
            }
            return real;
        }

        @Nullable
        Members optionalObject(String name) throws Malformed {
            Map<?, ?> object = as(Map.class, name, values.get(name));
            return object == null ? null : members(name, object);
        }

        <T> List<T> list(String name, Reading<T> reading) throws Malformed {
            List<T> list = new ArrayList<>();
            for (Object element : elements(name)) {
                list.add(reading.of(members(name, required(name, as(Map.class, name, element)))));
            }
            return list;
        }

        List<Long> integers(String name) throws Malformed {
            List<Long> integers = new ArrayList<>();
            for (Object element : elements(name)) {
                integers.add(integer(name, element));
            }
            return integers;
        }

        List<String> strings(String name) throws Malformed {
            List<String> strings = new ArrayList<>();
            for (Object element : elements(name)) {
                strings.add(required(name, as(String.class, name, element)));
            }
            return strings;
        }

        private List<?> elements(String name) throws Malformed {
            return required(name, as(List.class, name, values.get(name)));
        }

        private static Members members(String name, Map<?, ?> object) throws Malformed {
            Map<String, @Nullable Object> values = new LinkedHashMap<>();
            for (Map.Entry<?, ?> entry : object.entrySet()) {
                values.put(required(name, as(String.class, name, entry.getKey())), entry.getValue());
            }
            return new Members(values);
        }

        private static long integer(String name, @Nullable Object value) throws Malformed {
            try {
                return Long.parseLong(
                        required(name, as(Digits.class, name, value)).text());
            } catch (NumberFormatException e) {
                throw new Malformed(name);
            }
        }

        private static <T> @Nullable T as(Class<T> type, String name, @Nullable Object value) throws Malformed {
            if (value != null && !type.isInstance(value)) {
                throw new Malformed(name);
            }
            return type.cast(value);
        }

        private static <T> T required(String name, @Nullable T value) throws Malformed {
            if (value == null) {
                throw new Malformed(name);
            }
            return value;
        }
    }
}
