package io.relaunchguard.platform.linux;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.Platform;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.successor.EnvironmentRules;
import io.relaunchguard.core.successor.OwnCommand;
import io.relaunchguard.core.successor.Successor;
import io.relaunchguard.platform.file.FileHistoryStore;
import io.relaunchguard.platform.file.FileMarkerStore;
import io.relaunchguard.platform.file.FileThreadDumpStore;
import io.relaunchguard.platform.posix.FileInstanceRecordStore;
import io.relaunchguard.platform.posix.KernelLaunchLock;
import io.relaunchguard.platform.posix.PosixFiles;
import io.relaunchguard.platform.posix.PosixLockStore;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The platform for Linux: pidfds (kernel 5.3 and newer), {@code /proc}, inotify. Found by
 * {@link java.util.ServiceLoader}.
 */
public final class LinuxPlatform implements Platform {

    /** The file that Flatpak creates in each of its sandboxes. */
    private static final Path FLATPAK = Path.of("/.flatpak-info");

    private final EnvironmentRules rules;

    /** Creates the platform as {@link java.util.ServiceLoader} needs it. */
    public LinuxPlatform() {
        this(EnvironmentRules.NONE);
    }

    private LinuxPlatform(EnvironmentRules rules) {
        this.rules = rules;
    }

    @Override
    public String name() {
        return "Linux";
    }

    @Override
    public String pinning() {
        return "pidfd: a descriptor of the process";
    }

    @Override
    public boolean isCurrent() {
        return System.getProperty("os.name", "").equals("Linux");
    }

    @Override
    public Path cacheDirectory() {
        return cacheDirectory(System.getenv("XDG_CACHE_HOME"), System.getProperty("user.home"));
    }

    /**
     * Returns the cache directory of the XDG Base Directory Specification, which ignores a relative path in the
     * variable.
     */
    static Path cacheDirectory(@Nullable String xdgCacheHome, String home) {
        return xdgCacheHome != null && xdgCacheHome.startsWith("/") ? Path.of(xdgCacheHome) : Path.of(home, ".cache");
    }

    @Override
    public ProfilePorts open(Path profile) {
        Proc proc = new Proc(Path.of("/proc"));
        LinuxClock clock = new LinuxClock();
        PosixFiles files = new PosixFiles(proc::ownUid);
        LinuxHost host = new LinuxHost(proc);
        LinuxProcessTable processes = new LinuxProcessTable(proc, Pidfd.system(), profile);
        FileInstanceRecordStore instances = new FileInstanceRecordStore(
                profile,
                files,
                new LinuxDirectoryLocks(),
                new LinuxFileSystemType(),
                new KernelLockList(Path.of("/proc/locks"), processes::seesEverybody)::mayBeLocked,
                proc::mayBeSinceBoot);
        return new ProfilePorts(
                profile,
                host,
                processes,
                new PosixLockStore(profile, clock),
                instances,
                new FileMarkerStore(profile, files),
                new KernelLaunchLock(
                        profile, new LinuxLaunchLockOwners(host, processes, proc), instances::keepLifeLock),
                new FileHistoryStore(profile, files),
                new FileThreadDumpStore(profile, files),
                clock);
    }

    @Override
    public long startDetached(List<String> command, Path directory) throws IOException {
        return DetachedProcess.start(command, directory, rules, Optional.empty());
    }

    @Override
    public Optional<String> startHindrance() {
        return CLibrary.hindrance(CLibrary.MAPS);
    }

    @Override
    public Successor startSuccessor(List<String> command, Path directory, Path profile) throws IOException {
        return LinuxSuccessor.start(command, directory, rules, profile);
    }

    @Override
    public Platform withEnvironment(EnvironmentRules other) {
        return new LinuxPlatform(other);
    }

    @Override
    public Observation<OwnCommand> ownCommand() {
        return Files.exists(FLATPAK)
                ? Observation.unknown(
                        "it runs in the sandbox of Flatpak, from where only its old version can be started")
                : new OwnCommandReader(
                                Path.of("/proc/self"), Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8")))
                        .read();
    }
}
