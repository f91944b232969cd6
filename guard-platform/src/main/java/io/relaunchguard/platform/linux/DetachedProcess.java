package io.relaunchguard.platform.linux;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.StringArray;
import com.sun.jna.ptr.IntByReference;
import io.relaunchguard.core.successor.EnvironmentRules;
import io.relaunchguard.core.successor.SuccessorEnvironment;
import java.io.IOException;
import java.io.UnsupportedEncodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Starts a program that is independent of the starting process: in a session of its own, with none of the starter's
 * open files but the three standard ones, in an environment without the additions of the starter's own launcher, and
 * with signal handling as from a login shell. See posix_spawn(3); needs glibc 2.34.
 */
final class DetachedProcess {

    /** Flags from {@code spawn.h}: set the signal mask, reset the signals to their defaults, create a new session. */
    private static final short FLAGS = 0x08 | 0x04 | 0x80;

    private static final int O_RDONLY = 0;
    private static final int O_WRONLY = 1;
    private static final int O_APPEND = 0x400;
    private static final int FIRST_OTHER_FILE = 3;

    /**
     * A size larger than {@code posix_spawnattr_t}, {@code posix_spawn_file_actions_t} and {@code sigset_t} on any
     * architecture.
     */
    private static final int OPAQUE_BYTES = 1024;

    private DetachedProcess() {}

    /**
     * Starts the program and returns its PID.
     *
     * @param rules the variables to keep in its environment, and those to remove
     * @param errors the file to append its standard error to; empty for this process's own
     * @throws IOException if the program cannot be started, also where the C library lacks a function or the native
     *     library cannot be loaded
     */
    static long start(List<String> command, Path directory, EnvironmentRules rules, Optional<Path> errors)
            throws IOException {
        try {
            return spawn(command, directory, rules, errors);
        } catch (LinkageError e) {
            // Nothing was started: what a C library may lack is called before.
            throw new IOException(
                    "\"%s\" cannot be started: %s"
                            .formatted(
                                    command.get(0),
                                    CLibrary.hindrance(CLibrary.MAPS).orElseGet(() -> LibC.missing(e))),
                    e);
        }
    }

    private static long spawn(List<String> command, Path directory, EnvironmentRules rules, Optional<Path> errors)
            throws IOException {
        String encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
        StringArray environment = environment(encoding, rules);
        Spawn libc = Native.load("c", Spawn.class);
        try (Memory attributes = new Memory(OPAQUE_BYTES);
                Memory actions = new Memory(OPAQUE_BYTES);
                Memory signals = new Memory(OPAQUE_BYTES)) {
            check("posix_spawnattr_init", libc.posix_spawnattr_init(attributes));
            check("posix_spawn_file_actions_init", libc.posix_spawn_file_actions_init(actions));
            try {
                check("posix_spawnattr_setflags", libc.posix_spawnattr_setflags(attributes, FLAGS));
                libc.sigemptyset(signals);
                check("posix_spawnattr_setsigmask", libc.posix_spawnattr_setsigmask(attributes, signals));
                libc.sigfillset(signals);
                check("posix_spawnattr_setsigdefault", libc.posix_spawnattr_setsigdefault(attributes, signals));
                check(
                        "posix_spawn_file_actions_addchdir_np",
                        libc.posix_spawn_file_actions_addchdir_np(actions, directory.toString()));
                check(
                        "posix_spawn_file_actions_addopen",
                        libc.posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0));
                if (errors.isPresent()) {
                    check(
                            "posix_spawn_file_actions_addopen",
                            libc.posix_spawn_file_actions_addopen(
                                    actions, 2, errors.get().toString(), O_WRONLY | O_APPEND, 0));
                }
                check(
                        "posix_spawn_file_actions_addclosefrom_np",
                        libc.posix_spawn_file_actions_addclosefrom_np(actions, FIRST_OTHER_FILE));
                IntByReference pid = new IntByReference();
                check(
                        "\"%s\"".formatted(command.get(0)),
                        libc.posix_spawnp(
                                pid,
                                command.get(0),
                                actions,
                                attributes,
                                new StringArray(command.toArray(String[]::new), encoding),
                                environment));
                return pid.getValue();
            } finally {
                libc.posix_spawn_file_actions_destroy(actions);
                libc.posix_spawnattr_destroy(attributes);
            }
        }
    }

    /**
     * Returns this process's environment, environ(7), without what another process must not inherit. Works on bytes,
     * whatever their encoding.
     */
    private static StringArray environment(String encoding, EnvironmentRules rules)
            throws UnsupportedEncodingException {
        Pointer environ = NativeLibrary.getInstance("c")
                .getGlobalVariableAddress("environ")
                .getPointer(0);
        List<String> entries =
                environ == null ? List.of() : List.of(environ.getStringArray(0, StandardCharsets.ISO_8859_1.name()));
        String launcher = System.getProperty("jpackage.app-path");
        Optional<String> jpackage = launcher == null
                ? Optional.empty()
                : Optional.of(new String(launcher.getBytes(encoding), StandardCharsets.ISO_8859_1));
        return new StringArray(
                SuccessorEnvironment.of(entries, jpackage, rules).toArray(String[]::new),
                StandardCharsets.ISO_8859_1.name());
    }

    private static void check(String what, int errno) throws IOException {
        if (errno != 0) {
            throw new IOException(
                    "%s cannot be started: %s".formatted(what, LibC.get().strerror(errno)));
        }
    }

    /** The functions of {@code spawn.h} and {@code signal.h}. */
    private interface Spawn extends Library {

        int posix_spawnattr_init(Pointer attributes);

        int posix_spawnattr_destroy(Pointer attributes);

        int posix_spawnattr_setflags(Pointer attributes, short flags);

        int posix_spawnattr_setsigmask(Pointer attributes, Pointer signals);

        int posix_spawnattr_setsigdefault(Pointer attributes, Pointer signals);

        int posix_spawn_file_actions_init(Pointer actions);

        int posix_spawn_file_actions_destroy(Pointer actions);

        int posix_spawn_file_actions_addopen(Pointer actions, int file, String path, int flags, int mode);

        int posix_spawn_file_actions_addchdir_np(Pointer actions, String path);

        int posix_spawn_file_actions_addclosefrom_np(Pointer actions, int from);

        int posix_spawnp(
                IntByReference pid,
                String file,
                Pointer actions,
                Pointer attributes,
                StringArray arguments,
                StringArray environment);

        int sigemptyset(Pointer signals);

        int sigfillset(Pointer signals);
    }
}
