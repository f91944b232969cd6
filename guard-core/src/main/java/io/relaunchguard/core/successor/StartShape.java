package io.relaunchguard.core.successor;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/** The way in which this process was started, once its command is known. */
record StartShape(StartFacts facts, OwnCommand own) {

    /** The suffix that the kernel appends to the name of a file that was deleted or replaced. */
    private static final String DELETED = " (deleted)";

    Restart restart() {
        if (isBelow(executable(), variable("SNAP")) || isBelow(facts.javaHome(), variable("SNAP"))) {
            return new Restart.Refused("it runs from a snap, which only snapd starts in its own version");
        }
        if (isBelow(facts.javaHome(), variable("APPDIR"))
                && variable("APPIMAGE").startsWith("/")) {
            return image();
        }
        if (facts.jpackageLauncher().filter(executable()::equals).isPresent()) {
            return known(program(), own.arguments().subList(1, own.arguments().size()), List.of(), Set.of());
        }
        if (executable().equals(facts.javaHome() + "/bin/java")) {
            return java();
        }
        return new Restart.Refused("\"%s\" is neither the java command of its JVM nor a launcher made by jpackage"
                .formatted(executable()));
    }

    /**
     * Returns the command that starts an AppImage. The mount disappears with this process, so the command runs the
     * image itself, in the directory where it was started.
     */
    private Restart image() {
        List<String> arguments;
        if (facts.jpackageLauncher().filter(executable()::equals).isPresent()) {
            arguments = own.arguments().subList(1, own.arguments().size());
        } else if (main().isPresent()) {
            arguments = own.arguments()
                    .subList(main().getAsInt() + 1, own.arguments().size());
        } else {
            return new Restart.Refused(
                    "the guard cannot tell which arguments are the application's: its main class is not"
                            + " on the command line");
        }
        String directory = variable("OWD").startsWith("/") ? variable("OWD") : own.directory();
        if (isBelow(directory, variable("APPDIR"))) {
            return new Restart.Refused("its working directory is below the mount of its AppImage, which goes with it");
        }
        StartShape there = new StartShape(facts, new OwnCommand(own.executable(), own.arguments(), directory));
        return there.known(variable("APPIMAGE"), arguments, List.of(), Set.of());
    }

    private Restart java() {
        List<String> given = own.arguments();
        if (main().isEmpty()) {
            // The main class is in an argument file, or the program is a source file: no option can be removed there.
            return known(program(), given.subList(1, given.size()), argumentFiles(given.size()), Set.of());
        }
        int main = main().getAsInt();
        List<String> options = given.subList(1, main);
        List<String> kept = new ArrayList<>(options);
        kept.removeIf(SuccessorEnvironment::isClaimed);
        kept.addAll(given.subList(main, given.size()));
        List<String> files = argumentFiles(main);
        if (given.get(main - 1).equals("-jar")) {
            files.add(absolute(given.get(main)));
        }
        return known(program(), kept, files, Set.copyOf(options));
    }

    private Restart known(String program, List<String> arguments, List<String> moreFiles, Set<String> leftOut) {
        for (String option : facts.jvmOptions()) {
            if (SuccessorEnvironment.isClaimed(option)
                    && !leftOut.contains(option)
                    && !SuccessorEnvironment.claimed(facts.environment()).contains(option)) {
                return new Restart.Refused(
                        ("its JVM has the option \"%s\", whose port the new one would claim too, from where"
                                        + " it cannot be left out")
                                .formatted(option));
            }
        }
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(arguments);
        List<String> files = new ArrayList<>(List.of(program));
        files.addAll(moreFiles);
        return new Restart.Known(command, own.directory(), files);
    }

    /**
     * Returns the program as the starter named it, if that is a path that ends in the program's name, else its file.
     */
    private String program() {
        String named = own.arguments().get(0);
        String name = executable().substring(executable().lastIndexOf('/'));
        return named.contains("/") && absolute(named).endsWith(name) ? absolute(named) : executable();
    }

    private String absolute(String file) {
        return file.startsWith("/") ? file : own.directory() + "/" + file;
    }

    private String executable() {
        String file = own.executable();
        return file.endsWith(DELETED) ? file.substring(0, file.length() - DELETED.length()) : file;
    }

    /**
     * Returns the index of the main class, the JAR file or the module among the arguments; the program's own arguments
     * follow it.
     */
    private OptionalInt main() {
        List<String> given = own.arguments();
        return IntStream.range(1, given.size())
                .filter(from -> {
                    String rest = String.join(" ", given.subList(from, given.size()));
                    return rest.equals(facts.mainAndArguments()) || rest.equals("--module=" + facts.mainAndArguments());
                })
                .findFirst();
    }

    private List<String> argumentFiles(int before) {
        List<String> files = new ArrayList<>();
        for (String argument : own.arguments().subList(1, before)) {
            if (argument.startsWith("@") && !argument.startsWith("@@")) {
                files.add(absolute(argument.substring(1)));
            }
        }
        return files;
    }

    private String variable(String name) {
        return facts.environment().getOrDefault(name, "");
    }

    private static boolean isBelow(String path, String directory) {
        return directory.startsWith("/") && directory.length() > 1 && path.startsWith(directory + "/");
    }
}
