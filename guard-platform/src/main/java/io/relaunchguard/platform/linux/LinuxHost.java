package io.relaunchguard.platform.linux;

import com.sun.jna.Native;
import io.relaunchguard.core.Observation;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.host.HostPort;
import io.relaunchguard.platform.posix.HostName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** The identity of this host and the launcher, from gethostname(2), random(4), machine-id(5) and proc(5). */
final class LinuxHost implements HostPort {

    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final List<Path> MACHINE_IDS =
            List.of(Path.of("/etc/machine-id"), Path.of("/var/lib/dbus/machine-id"));

    private final Proc proc;

    LinuxHost(Proc proc) {
        this.proc = proc;
    }

    @Override
    public HostIdentity read() {
        long self = ProcessHandle.current().pid();
        Observation<Long> own =
                proc.unusable().<Observation<Long>>map(Observation::unknown).orElseGet(() -> Observation.seen(self));
        return new HostIdentity(
                self,
                hostName(),
                line(BOOT_ID),
                machineId(),
                own.flatMap(pid -> proc.link(pid, "ns/pid")),
                own.flatMap(this::timeNamespace),
                own.flatMap(pid -> proc.status(pid).map(ProcStatus::user)));
    }

    /** Reads the time namespace, which kernels before 5.6 do not have. */
    private Observation<String> timeNamespace(long self) {
        Observation<String> link = proc.link(self, "ns/time");
        return link instanceof Observation.Absent ? Observation.seen("none") : link;
    }

    /**
     * Reads the host name from the kernel's file, which has the result of gethostname(2) and needs no native library.
     */
    private static Observation<String> hostName() {
        try {
            byte[] line = Files.readAllBytes(HOST_NAME);
            if (line.length > 0 && line[line.length - 1] == '\n') {
                line[line.length - 1] = 0;
                return HostName.of(line);
            }
        } catch (IOException unreadable) {
            return nativeHostName();
        }
        return nativeHostName();
    }

    private static Observation<String> nativeHostName() {
        byte[] name = new byte[HostName.BYTES];
        try {
            return LibC.get().gethostname(name, name.length) == 0
                    ? HostName.of(name)
                    : Observation.unknown("gethostname failed with error " + Native.getLastError());
        } catch (LinkageError e) {
            return Observation.unknown("this host's name cannot be read: " + LibC.missing(e));
        }
    }

    private static Observation<String> machineId() {
        Observation<String> id = Observation.absent("this machine has no id");
        for (Path file : MACHINE_IDS) {
            id = line(file).flatMap(LinuxHost::machineId);
            if (!(id instanceof Observation.Absent)) {
                return id;
            }
        }
        return id;
    }

    /**
     * Returns the machine ID. An image that was never booted has another word in the file, which all machines made from
     * it share: see machine-id(5).
     */
    static Observation<String> machineId(String content) {
        return content.matches("[0-9a-f]{32}")
                ? Observation.seen(content)
                : Observation.absent("this machine has no id yet");
    }

    private static Observation<String> line(Path file) {
        try {
            String content = Files.readString(file, StandardCharsets.US_ASCII).trim();
            return content.isEmpty() ? Observation.absent(file + " is empty") : Observation.seen(content);
        } catch (NoSuchFileException e) {
            return Observation.absent("there is no " + file);
        } catch (IOException e) {
            return Observation.unknown("%s cannot be read: %s".formatted(file, e.getMessage()));
        }
    }
}
