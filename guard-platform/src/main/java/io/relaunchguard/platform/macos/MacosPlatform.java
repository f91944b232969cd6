package io.relaunchguard.platform.macos;

import io.relaunchguard.core.launch.Platform;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.platform.file.FileHistoryStore;
import io.relaunchguard.platform.file.FileMarkerStore;
import io.relaunchguard.platform.file.FileThreadDumpStore;
import io.relaunchguard.platform.posix.FileInstanceRecordStore;
import io.relaunchguard.platform.posix.KernelLaunchLock;
import io.relaunchguard.platform.posix.LaunchLockOwners;
import io.relaunchguard.platform.posix.PosixFiles;
import io.relaunchguard.platform.posix.PosixLockStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The platform for macOS: audit tokens (14.2 and newer), libproc, kqueue. Found by {@link java.util.ServiceLoader}. */
public final class MacosPlatform implements Platform {

    @Override
    public String name() {
        return "macOS";
    }

    @Override
    public String pinning() {
        return "audit token: the kernel compares PID and PID version with each signal";
    }

    @Override
    public boolean isCurrent() {
        return System.getProperty("os.name", "").equals("Mac OS X");
    }

    @Override
    public Path cacheDirectory() {
        return Path.of(System.getProperty("user.home"), "Library", "Caches");
    }

    @Override
    public ProfilePorts open(Path profile) {
        return open(profile, new XnuKernel());
    }

    /** Returns the ports for one profile, with any kernel. */
    static ProfilePorts open(Path profile, Xnu kernel) {
        MacosHost host = new MacosHost(kernel);
        MacosClock clock = new MacosClock(kernel);
        PosixFiles files = new PosixFiles(host::ownUid);
        FileInstanceRecordStore instances = new FileInstanceRecordStore(
                profile,
                files,
                new MacosDirectoryLocks(kernel),
                FileInstanceRecordStore.FileSystemType.OF_THE_JDK,
                directory -> true,
                changed -> true);
        return new ProfilePorts(
                profile,
                host,
                new MacosProcessTable(kernel, profile),
                new PosixLockStore(profile, (directory, onChange) -> VnodeWatch.of(kernel, directory, onChange), clock),
                instances,
                new FileMarkerStore(profile, files),
                new KernelLaunchLock(profile, LaunchLockOwners.UNKNOWN, instances::keepLifeLock),
                new FileHistoryStore(profile, files),
                new FileThreadDumpStore(profile, files),
                clock);
    }

    @Override
    public long startDetached(List<String> command, Path directory) throws IOException {
        return DetachedProcess.start(command, directory);
    }
}
