package io.relaunchguard.platform.linux;

import io.relaunchguard.core.launch.Platform;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.platform.file.FileHistoryStore;
import io.relaunchguard.platform.file.FileMarkerStore;
import io.relaunchguard.platform.posix.FileInstanceRecordStore;
import io.relaunchguard.platform.posix.KernelLaunchLock;
import io.relaunchguard.platform.posix.PosixFiles;
import io.relaunchguard.platform.posix.PosixLockStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Linux: pidfds (kernel 5.3 and newer), {@code /proc}, inotify. Found by {@link java.util.ServiceLoader}. */
public final class LinuxPlatform implements Platform {

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

    /** By the XDG Base Directory Specification: a relative path in the variable is ignored. */
    static Path cacheDirectory(@Nullable String xdgCacheHome, String home) {
        return xdgCacheHome != null && xdgCacheHome.startsWith("/") ? Path.of(xdgCacheHome) : Path.of(home, ".cache");
    }

    @Override
    public ProfilePorts open(Path profile) {
        Proc proc = new Proc(Path.of("/proc"));
        LinuxClock clock = new LinuxClock();
        PosixFiles files = new PosixFiles(proc::ownUid);
        return new ProfilePorts(
                profile,
                new LinuxHost(proc),
                new LinuxProcessTable(proc, Pidfd.system(), profile),
                new PosixLockStore(profile, clock),
                new FileInstanceRecordStore(profile, files, new LinuxDirectoryLocks()),
                new FileMarkerStore(profile, files),
                new KernelLaunchLock(profile),
                new FileHistoryStore(profile, files),
                clock);
    }

    @Override
    public long startDetached(List<String> command, Path directory) throws IOException {
        return DetachedStart.start(command, directory);
    }
}
