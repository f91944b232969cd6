package io.relaunchguard.it.harness;

import static java.util.function.Predicate.not;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;

/** Class paths of jars alone: classes in directories cannot be archived. */
public final class PackedClasses {

    private PackedClasses() {}

    /**
     * The class path with jars in place of its directories, and without what does not exist.
     *
     * @param directory where the jars are made
     */
    public static List<String> of(List<String> classPath, Path directory) {
        List<String> packed = new ArrayList<>();
        // An empty entry is the working directory: nothing is loaded from there, and jar(1) would take it for the root.
        for (Path path :
                classPath.stream().filter(not(String::isEmpty)).map(Path::of).toList()) {
            if (Files.isDirectory(path)) {
                Path jar = directory.resolve("classes-%d.jar".formatted(packed.size()));
                packed.add(pack(path, ".", jar));
            } else if (Files.exists(path)) {
                packed.add(path.toString());
            }
        }
        return packed;
    }

    /** What is below one folder of the classes, as a jar. */
    static String pack(Path classes, String folder, Path jar) {
        int exitCode = ToolProvider.findFirst("jar")
                .orElseThrow()
                .run(System.out, System.err, "--create", "--file=" + jar, "-C", classes.toString(), folder);
        assertThat(exitCode).as("packing " + classes).isZero();
        return jar.toString();
    }
}
