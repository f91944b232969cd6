package io.relaunchguard.core.launch;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.successor.EnvironmentRules;
import io.relaunchguard.core.successor.OwnCommand;
import io.relaunchguard.core.successor.Successor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** An operating system's implementation of the ports, found by {@link java.util.ServiceLoader}. */
public interface Platform {

    /** Returns the name of the operating system, for display. */
    String name();

    /** Returns what kind of process handle the platform uses, for display. */
    String pinning();

    /** Returns whether this is the platform of the current host. */
    boolean isCurrent();

    /** Returns the directory where this user's applications keep data that can be recreated, one subdirectory each. */
    Path cacheDirectory();

    /**
     * Returns the ports for one profile. Accesses no file yet, and loads a native library only when it is needed.
     *
     * @param profile CEF's root cache path
     */
    ProfilePorts open(Path profile);

    /**
     * Starts a program that is independent of this process and outlives it: in a session of its own, without any of
     * this process's open files but standard output and standard error.
     *
     * @param command the program and its arguments
     * @param directory its working directory
     * @return its PID
     * @throws IOException if it cannot be started
     */
    long startDetached(List<String> command, Path directory) throws IOException;

    /**
     * Returns why {@link #startDetached} cannot work on this host, whatever the program; empty if nothing is known
     * against it. Loads no native library, so that an application can ask when it starts.
     */
    default Optional<String> startHindrance() {
        return Optional.empty();
    }

    /**
     * Starts a program like {@link #startDetached}, and observes what becomes of it as far as the platform can.
     *
     * @param command the program and its arguments
     * @param directory its working directory
     * @param profile CEF's root cache path
     * @throws IOException if it cannot be started
     */
    default Successor startSuccessor(List<String> command, Path directory, Path profile) throws IOException {
        long started = startDetached(command, directory);
        return new Successor() {
            @Override
            public long pid() {
                return started;
            }

            @Override
            public Observation<Integer> exitCode() {
                return Observation.unknown("the exit code of a detached program cannot be read on " + name());
            }

            @Override
            public String errors() {
                return "";
            }
        };
    }

    /**
     * Returns this platform with rules for the environment of successors. Only a platform that filters the environment,
     * as Linux does, returns another one; the others return themselves.
     */
    default Platform withEnvironment(EnvironmentRules rules) {
        return this;
    }

    /**
     * Returns the command that this process runs. Where it is unknown, the application cannot be restarted in the same
     * way.
     */
    default Observation<OwnCommand> ownCommand() {
        return Observation.unknown("its command line is not read on " + name());
    }

    /**
     * Leaves the end of the session to this process's shutdown hooks, where a library in it would end it without them.
     * Only Windows has such a library, see there. Call it after that library was initialised; again does no harm.
     */
    default void leaveSessionEndToHooks() {}
}
