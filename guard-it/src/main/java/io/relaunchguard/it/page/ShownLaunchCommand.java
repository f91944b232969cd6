package io.relaunchguard.it.page;

import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.it.cli.LaunchCommand;
import io.relaunchguard.statemachine.LaunchProgress;
import io.relaunchguard.statemachine.history.LaunchHistory;
import io.relaunchguard.statemachine.page.PageData;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs the lifecycle and, if the user wants it, shows it in a page. */
@Command(name = "launch")
public final class ShownLaunchCommand extends LaunchCommand {

    /** How many earlier launches the page lists. */
    private static final int REMEMBERED = 50;

    @Mixin
    private PageOption page = new PageOption();

    @Override
    protected @Nullable Display show(Path directory, ProfilePorts ports, LaunchProgress seen) {
        LaunchHistory history = new LaunchHistory(ports.history());
        return page.serve(PageData.of("Profile " + directory.toAbsolutePath(), seen, () -> history.recent(REMEMBERED)));
    }
}
