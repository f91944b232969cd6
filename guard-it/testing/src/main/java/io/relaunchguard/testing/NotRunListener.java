package io.relaunchguard.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Writes down which tests were not run and why, one line a test, where the system property {@value #FILE} says; the build prints
 * it at its end, see {@link NotRunTable}. Several JVMs may write into one file.
 */
public final class NotRunListener implements TestExecutionListener {

    static final String FILE = "relaunchguard.not-run";

    private @Nullable TestPlan plan;

    @Override
    public void testPlanExecutionStarted(TestPlan testPlan) {
        plan = testPlan;
    }

    @Override
    public void executionSkipped(TestIdentifier skipped, String reason) {
        write(skipped, reason);
    }

    @Override
    public void executionFinished(TestIdentifier finished, TestExecutionResult result) {
        if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
            write(finished, result.getThrowable().map(Throwable::getMessage).orElse("it gave no reason"));
        }
    }

    private void write(TestIdentifier notRun, String reason) {
        @Nullable String file = System.getProperty(FILE);
        if (file == null || plan == null) {
            return;
        }
        StringBuilder lines = new StringBuilder();
        add(lines, notRun, reason);
        for (TestIdentifier below : plan.getDescendants(notRun)) {
            add(lines, below, reason);
        }
        try {
            Path path = Path.of(file);
            Files.createDirectories(path.toAbsolutePath().getParent());
            Files.writeString(path, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void add(StringBuilder lines, TestIdentifier identifier, String reason) {
        identifier
                .getSource()
                .filter(MethodSource.class::isInstance)
                .map(MethodSource.class::cast)
                .ifPresent(source -> lines.append(new NotRunTable.Row(
                                simpleName(source.getClassName()),
                                source.getMethodName() + " " + identifier.getUniqueId(),
                                reason)
                        .line()));
    }

    private static String simpleName(String className) {
        return className.substring(className.lastIndexOf('.') + 1);
    }
}
