package io.relaunchguard.statemachine.desktop;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.secondstart.HandOver;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.start.HeldHandler.Decision;
import io.relaunchguard.statemachine.start.HeldLaunch;
import io.relaunchguard.statemachine.world.World;
import io.relaunchguard.statemachine.world.WorldProcess;
import java.awt.Container;
import java.awt.KeyboardFocusManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import javax.swing.JButton;
import javax.swing.JTextArea;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.mock.env.MockEnvironment;

/** The dialog's inside, which needs no display; DesktopIT sees it on one. */
@Tag("H29")
class HeldPanelTest {

    private static final Path SOCKET = Path.of("/profile/socket");

    private final World world = new World();
    private final WorldProcess running = world.process(200);
    private final List<Decision> decisions = new ArrayList<>();
    private final List<ProcessIdentity> asked = new ArrayList<>();
    private final List<ProcessIdentity> consented = new ArrayList<>();
    private final List<Runnable> background = new ArrayList<>();
    private Path profile = Path.of("/profile");
    private boolean confirms;
    private HandOver answer = new HandOver.Accepted();

    private final HeldPanel.Surroundings surroundings = new HeldPanel.Surroundings() {

        @Override
        public Executor background() {
            return background::add;
        }

        @Override
        public Executor panel() {
            return Runnable::run;
        }

        @Override
        public boolean isConfirmed(ProcessIdentity holder) {
            asked.add(holder);
            return confirms;
        }

        @Override
        public void decided(Decision decision) {
            decisions.add(decision);
        }
    };

    /** A launch in a world, with a running instance that answers as it is told to. */
    private final class Held implements HeldLaunch {

        private final LaunchReport report =
                LaunchGuard.on(world.ports()).launch().report();
        private Optional<HandOver> handedOver = Optional.empty();

        @Override
        public Path profile() {
            return profile;
        }

        @Override
        public LaunchReport report() {
            return report;
        }

        @Override
        public Optional<HandOver> handedOver() {
            return handedOver;
        }

        @Override
        public HandOver handOver() {
            handedOver = Optional.of(answer);
            return answer;
        }

        @Override
        public Optional<ProcessIdentity> endable() {
            return handedOver
                    .filter(result -> result instanceof HandOver.Unanswered)
                    .flatMap(result -> report.holder().toOptional());
        }

        @Override
        public void consentToEnd(ProcessIdentity holder) throws IOException {
            if (!running.isAlive()) {
                throw new IOException("it is gone");
            }
            consented.add(holder);
        }
    }

    @BeforeAll
    static void withoutADisplay() {
        System.setProperty("java.awt.headless", "true");
    }

    @BeforeEach
    void lock() {
        world.lockNames(running);
    }

    @Test
    void offersToSwitchToTryAgainAndToQuit() {
        HeldPanel panel = panel(new Held());
        assertThat(shown(panel)).containsExactly("Switch to it", "Try again", "Quit");
        assertThat(panel.preferred().getText()).isEqualTo("Switch to it");
        press(panel, "held.again");
        press(panel, "held.quit");
        assertThat(decisions).containsExactly(Decision.TRY_AGAIN, Decision.QUIT);
    }

    @Test
    void everyButtonHasAName() {
        assertThat(panel(new Held()).buttons())
                .allSatisfy(button -> assertThat(button.getAccessibleContext().getAccessibleName())
                        .isNotBlank());
    }

    @Test
    void switchingWaitsForTheAnswerAndMeanwhileNothingButQuitCanBePressed() {
        HeldPanel panel = panel(new Held());
        press(panel, "held.switch");
        assertThat(panel.buttons().stream().filter(JButton::isEnabled).map(JButton::getText))
                .containsExactly("Quit");
        assertThat(panel.said()).isEqualTo("Asking the running program…");
        background.get(0).run();
        assertThat(decisions).containsExactly(Decision.HANDED_OVER);
    }

    @Test
    void whatDoesNotAnswerMayBeEndedAfterAQuestionThatNamesIt() {
        answer = new HandOver.Unanswered(false, SOCKET, "late");
        HeldPanel panel = panel(new Held());
        press(panel, "held.switch");
        background.get(0).run();
        assertThat(panel.said()).isEqualTo("The running program does not respond.");
        assertThat(shown(panel)).containsExactly("Switch to it", "Try again", "End it…", "Quit");

        press(panel, "held.end");
        assertThat(asked).extracting(ProcessIdentity::pid).containsExactly(200L);
        assertThat(consented).isEmpty();
        assertThat(decisions).isEmpty();

        confirms = true;
        press(panel, "held.end");
        assertThat(consented).isEqualTo(asked.subList(1, 2));
        assertThat(decisions).containsExactly(Decision.TRY_AGAIN);
    }

    @Test
    void aProcessThatIsAnotherByThenIsNotEnded() {
        answer = new HandOver.Unanswered(true, SOCKET, "late");
        confirms = true;
        Held held = new Held();
        held.handOver();
        HeldPanel panel = panel(held);
        assertThat(panel.said()).startsWith("The running program received the request");
        world.exit(running);
        press(panel, "held.end");
        assertThat(panel.said()).startsWith("The program was not ended");
        assertThat(decisions).isEmpty();
    }

    @Test
    @Tag("H38")
    void everythingElseIsToldAndNothingIsOfferedToBeEnded() {
        Map<HandOver, String> told = Map.of(
                new HandOver.Refused("no window"), "The running program did not accept this start: no window",
                new HandOver.Nobody("gone"), "The running program does not accept requests.",
                new HandOver.NotAsked("Permission denied"), "The running program could not be asked: Permission denied",
                new HandOver.Starting(), "The running program is still starting.",
                new HandOver.Closing(false), "The running program is closing.",
                new HandOver.Elsewhere("it runs on display :1"),
                        "The running program is not visible here: it runs on display :1.");
        told.forEach((result, text) -> {
            answer = result;
            HeldPanel panel = panel(new Held());
            press(panel, "held.switch");
            background.remove(0).run();
            assertThat(shown(panel)).doesNotContain("End it…");
            assertThat(panel.said()).isEqualTo(text);
            assertThat(panel.description())
                    .startsWith("Editor is running already")
                    .endsWith(text);
        });
    }

    /** The buttons would be off the screen: a reason may name a path, and the other side may say anything. */
    @Test
    @Tag("H38")
    void whatIsLongIsShortenedAtNeitherEnd() {
        String path = "/home/" + "d".repeat(4000) + "/profile";
        profile = Path.of(path);
        answer = new HandOver.NotAsked("AccessDeniedException: " + path);
        HeldPanel panel = panel(new Held());
        press(panel, "held.switch");
        background.get(0).run();
        assertThat(panel.said())
                .startsWith("The running program could not be asked: AccessDeniedException: /home/ddd")
                .contains(" … ")
                .endsWith("ddd/profile")
                .hasSizeLessThan(420);
        assertThat(panel.getPreferredSize().width).isLessThan(1600);
        assertThat(panel.getPreferredSize().height).isLessThan(900);
    }

    @Test
    void oneThatHasClosedMeanwhileIsFollowedByAnotherLaunch() {
        answer = new HandOver.Closing(true);
        HeldPanel panel = panel(new Held());
        press(panel, "held.switch");
        background.get(0).run();
        assertThat(decisions).containsExactly(Decision.TRY_AGAIN);
    }

    @Test
    void escapeQuits() {
        panel(new Held()).quit();
        assertThat(decisions).containsExactly(Decision.QUIT);
    }

    @Test
    void tabLeavesTheDetails() {
        assertThat(texts(panel(new Held())))
                .isNotEmpty()
                .allSatisfy(text -> assertThat(text.isFocusable()
                                && text.getFocusTraversalKeys(KeyboardFocusManager.FORWARD_TRAVERSAL_KEYS).stream()
                                        .allMatch(key -> key.getModifiers() != 0))
                        .isFalse());
    }

    @Test
    void anotherUsersProcessCanNeitherBeSwitchedToNorEnded() {
        running.user = Observation.seen("another");
        HeldPanel panel = panel(new Held());
        assertThat(shown(panel)).containsExactly("Try again", "Quit");
        assertThat(panel.preferred().getText()).isEqualTo("Try again");
    }

    @Test
    void withoutADisplayTheStartEnds() {
        assertThat(new HeldDialog(new MockEnvironment()).held(new Held())).isEqualTo(Decision.QUIT);
    }

    private static List<JTextArea> texts(Container container) {
        return Arrays.stream(container.getComponents())
                .flatMap(component -> component instanceof JTextArea text
                        ? Stream.of(text)
                        : component instanceof Container inner ? texts(inner).stream() : Stream.of())
                .toList();
    }

    private HeldPanel panel(HeldLaunch launch) {
        return new HeldPanel(launch, new Words("Editor", Locale.ENGLISH), surroundings);
    }

    private static List<String> shown(HeldPanel panel) {
        return panel.buttons().stream()
                .filter(JButton::isVisible)
                .map(JButton::getText)
                .toList();
    }

    private static void press(HeldPanel panel, String name) {
        panel.buttons().stream()
                .filter(button -> button.getName().equals(name))
                .findFirst()
                .orElseThrow()
                .doClick(0);
    }
}
