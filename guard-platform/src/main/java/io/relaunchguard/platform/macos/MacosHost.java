package io.relaunchguard.platform.macos;

import com.sun.jna.LastErrorException;
import io.relaunchguard.core.Observation;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.host.HostPort;
import io.relaunchguard.platform.posix.HostName;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Supplier;

/** The identity of this host and the launcher, from gethostname(2), gethostuuid(2), sysctl(3) and libproc. */
final class MacosHost implements HostPort {

    private static final String BOOT_SESSION = "kern.bootsessionuuid";

    private final Xnu kernel;
    private final ProcessReader reader;

    MacosHost(Xnu kernel) {
        this.kernel = kernel;
        this.reader = new ProcessReader(kernel);
    }

    @Override
    public HostIdentity read() {
        long self = ProcessHandle.current().pid();
        return new HostIdentity(
                self,
                ask("this host's name", () -> kernel.hostName(HostName.BYTES)).flatMap(HostName::of),
                ask("the boot session", () -> kernel.systemText(BOOT_SESSION))
                        .flatMap(id -> id.isEmpty() ? Observation.absent("this boot has no id") : Observation.seen(id)),
                ask("the machine's id", kernel::hostUuid).flatMap(MacosHost::machineId),
                Observation.seen(MacosProcessTable.NAMESPACE),
                Observation.seen("none"),
                reader.outline(self).map(ProcessReader.Outline::user));
    }

    /** Returns this process's user ID; unknown unless its real, effective and saved IDs are equal. */
    Observation<Integer> ownUid() {
        return reader.outline(ProcessHandle.current().pid())
                .flatMap(process -> process.user().contains("/")
                        ? Observation.unknown("this process runs as several users: " + process.user())
                        : Observation.seen(Integer.parseUnsignedInt(process.user())));
    }

    /**
     * Returns the machine ID in capitals, as the system information shows it; a machine without one reports only zeros.
     */
    static Observation<String> machineId(byte[] uuid) {
        ByteBuffer words = ByteBuffer.wrap(uuid);
        UUID id = new UUID(words.getLong(), words.getLong());
        return id.getMostSignificantBits() == 0 && id.getLeastSignificantBits() == 0
                ? Observation.absent("this machine has no id")
                : Observation.seen(id.toString().toUpperCase(Locale.ROOT));
    }

    private <T> Observation<T> ask(String what, Supplier<T> call) {
        try {
            return Observation.seen(call.get());
        } catch (LastErrorException e) {
            return Observation.unknown("%s cannot be read: %s".formatted(what, kernel.meaning(e.getErrorCode())));
        }
    }
}
