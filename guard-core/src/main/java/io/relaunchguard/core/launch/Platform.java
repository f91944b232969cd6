package io.relaunchguard.core.launch;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.successor.EnvironmentRules;
import io.relaunchguard.core.successor.OwnCommand;
import io.relaunchguard.core.successor.Successor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** An operating system's implementation of the ports, found by {@link java.util.ServiceLoader}. */
public interface Platform {

    /** The operating system's name, as people write it. */
    String name();

    /** By what it holds a process fast, in words for people. */
    String pinning();

    /** Whether this is the platform for the host we are on. */
    boolean isCurrent();

    /** Where this user's applications keep what can be made again: a directory for each of them. */
    Path cacheDirectory();

    /**
     * The ports for one profile. Touches nothing yet, and loads no native library before one is needed.
     *
     * @param profile CEF's root cache path
     */
    ProfilePorts open(Path profile);

    /**
     * Starts a program that does not depend on this process and outlives it: in a session of its own, with none of this
     * process's files but standard output and standard error.
     *
     * @param command the program and its arguments
     * @param directory its working directory
     * @return its process id
     * @throws IOException if it cannot be started
     */
    long startDetached(List<String> command, Path directory) throws IOException;

    /**
     * The same, and keeps hold of what becomes of it, as far as that can be told here.
     *
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
                return Observation.unknown("what a detached program ends with cannot be told on " + name());
            }

            @Override
            public String errors() {
                return "";
            }
        };
    }

    /**
     * The same platform, whose successors get an environment by these rules. Only where it is looked through at all, as on Linux;
     * elsewhere this platform itself.
     */
    default Platform withEnvironment(EnvironmentRules rules) {
        return this;
    }

    /** The command that this process runs. Where it is not read, nobody can start the application in the same way. */
    default Observation<OwnCommand> ownCommand() {
        return Observation.unknown("its command line is not read on " + name());
    }
}
