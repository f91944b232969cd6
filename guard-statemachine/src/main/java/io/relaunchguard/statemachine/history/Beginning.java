package io.relaunchguard.statemachine.history;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.host.HostPort;
import io.relaunchguard.core.lock.InstanceRecord;
import io.relaunchguard.core.lock.LockMaker;
import io.relaunchguard.core.lock.LockOrigin;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.process.ProcessTable;
import io.relaunchguard.statemachine.history.JsonText.Digits;
import io.relaunchguard.statemachine.history.JsonText.Malformed;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.json.JsonWriter;

/**
 * The line of a launch that has begun, and the process that runs it. Without a line of its end, it shows a launch that was
 * killed once that process is gone.
 *
 * @param launch what the line of the launch's end names
 */
record Beginning(String launch, long pid, String start, Origin origin) {

    /** A line of a beginning begins with this, and no other. */
    private static final String BEGINS = "{\"begins\":\"";

    /** Where the process runs; empty where that is not known. */
    private record Origin(String boot, String machine, String pidNamespace, String timeNamespace, String user) {}

    /** The beginning of a launch of this process; empty if it cannot be told which process this is. */
    static Optional<Beginning> of(String launch, HostPort hostPort, ProcessTable processes) {
        HostIdentity host = hostPort.read();
        return processes
                .look(host.pid())
                .toOptional()
                .map(self -> new Beginning(
                        launch,
                        self.pid(),
                        self.start(),
                        new Origin(
                                known(host.bootId()),
                                known(host.machineId()),
                                known(host.pidNamespace()),
                                known(host.timeNamespace()),
                                known(host.user()))));
    }

    private static String known(Observation<String> observed) {
        return observed.toOptional().orElse("");
    }

    /** It as a line, without a line end. */
    String line() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("begins", launch);
        members.put("pid", pid);
        members.put("start", start);
        members.put("boot", origin.boot);
        members.put("machine", origin.machine);
        members.put("pidNamespace", origin.pidNamespace);
        members.put("timeNamespace", origin.timeNamespace);
        members.put("user", origin.user);
        return JsonWriter.standard().writeToString(members);
    }

    /** The beginning that a line tells of; empty if it tells of none. */
    static Optional<Beginning> read(String line) {
        if (!line.startsWith(BEGINS)) {
            return Optional.empty();
        }
        try {
            Map<String, @Nullable Object> members = JsonText.object(line);
            return Optional.of(new Beginning(
                    text(members, "begins"),
                    pid(members.get("pid")),
                    text(members, "start"),
                    new Origin(
                            text(members, "boot"),
                            text(members, "machine"),
                            text(members, "pidNamespace"),
                            text(members, "timeNamespace"),
                            text(members, "user"))));
        } catch (Malformed e) {
            return Optional.empty();
        }
    }

    /** Whether the process is provably gone. One that lives, or of which nothing is known, is not. */
    boolean isOver(HostPort host, ProcessTable processes) {
        InstanceRecord process = new InstanceRecord(
                new SingletonLock("", pid),
                Optional.empty(),
                start,
                origin.boot,
                origin.machine,
                origin.pidNamespace,
                origin.timeNamespace,
                origin.user,
                "",
                "",
                false,
                false,
                List.of());
        LockOrigin found = LockOrigin.ofInstance(
                Observation.seen(process), host.read(), Observation.unknown("it is the profile that was read"));
        if (found instanceof LockOrigin.SameNamespace here) {
            Observation<ProcessIdentity> now = processes.look(pid);
            return here.maker(now) instanceof LockMaker.Gone;
        }
        return found instanceof LockOrigin.EarlierBoot;
    }

    private static String text(Map<String, @Nullable Object> members, String name) throws Malformed {
        if (members.get(name) instanceof String text) {
            return text;
        }
        throw new Malformed(name);
    }

    private static long pid(@Nullable Object value) throws Malformed {
        try {
            if (value instanceof Digits digits) {
                return Long.parseLong(digits.text());
            }
        } catch (NumberFormatException e) {
            throw new Malformed("pid");
        }
        throw new Malformed("pid");
    }
}
