package io.relaunchguard.platform.macos;

import com.sun.jna.StringArray;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Starts a program that is independent of the starting process: in a session of its own, with none of the starter's
 * open files but the three standard ones, and with signal handling as from a login shell. See posix_spawn(2); needs
 * macOS 10.15.
 */
final class DetachedProcess {

    /**
     * Flags from {@code sys/spawn.h}: reset the signals to their defaults, set the signal mask, create a new session,
     * close files by default.
     */
    private static final short FLAGS = 0x0004 | 0x0008 | 0x0400 | 0x4000;

    private static final int O_RDONLY = 0;
    private static final int NO_SIGNAL = 0;
    private static final int EVERY_SIGNAL = -1;

    private DetachedProcess() {}

    /**
     * Starts the program and returns its PID.
     *
     * @throws IOException if the program cannot be started
     */
    static long start(List<String> command, Path directory) throws IOException {
        LibSystem system = LibSystem.get();
        PointerByReference attributes = new PointerByReference();
        PointerByReference actions = new PointerByReference();
        check("posix_spawnattr_init", system.posix_spawnattr_init(attributes));
        try {
            check("posix_spawn_file_actions_init", system.posix_spawn_file_actions_init(actions));
            try {
                check("posix_spawnattr_setflags", system.posix_spawnattr_setflags(attributes, FLAGS));
                check(
                        "posix_spawnattr_setsigmask",
                        system.posix_spawnattr_setsigmask(attributes, new IntByReference(NO_SIGNAL)));
                check(
                        "posix_spawnattr_setsigdefault",
                        system.posix_spawnattr_setsigdefault(attributes, new IntByReference(EVERY_SIGNAL)));
                check(
                        "posix_spawn_file_actions_addchdir_np",
                        system.posix_spawn_file_actions_addchdir_np(actions, directory.toString()));
                check(
                        "posix_spawn_file_actions_addopen",
                        system.posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, (short) 0));
                for (int output : new int[] {1, 2}) {
                    check(
                            "posix_spawn_file_actions_addinherit_np",
                            system.posix_spawn_file_actions_addinherit_np(actions, output));
                }
                IntByReference pid = new IntByReference();
                check(
                        "\"%s\"".formatted(command.get(0)),
                        system.posix_spawnp(
                                pid,
                                command.get(0),
                                actions,
                                attributes,
                                new StringArray(command.toArray(String[]::new), "UTF-8"),
                                system._NSGetEnviron().getPointer(0)));
                return pid.getValue();
            } finally {
                system.posix_spawn_file_actions_destroy(actions);
            }
        } finally {
            system.posix_spawnattr_destroy(attributes);
        }
    }

    private static void check(String what, int errno) throws IOException {
        if (errno != 0) {
            throw new IOException(
                    "%s cannot be started: %s".formatted(what, LibSystem.get().strerror(errno)));
        }
    }
}
