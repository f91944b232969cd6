package io.relaunchguard.statemachine.desktop;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.secondstart.HandOver;
import io.relaunchguard.statemachine.start.HeldLaunch;
import io.relaunchguard.statemachine.start.LaunchHeldHandler.Decision;
import java.awt.BorderLayout;
import java.awt.FlowLayout;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import javax.swing.BorderFactory;
import javax.swing.BoxLayout;
import javax.swing.JButton;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JScrollPane;
import javax.swing.JTextArea;

/** What the dialog shows and offers: only what is safe, and no more than the launch allows. */
final class HeldPanel extends JPanel {

    private static final long serialVersionUID = 1L;

    private final transient HeldLaunch launch;
    private final transient Words words;
    private final transient Surroundings surroundings;
    private final JLabel answer = new JLabel(" ");
    private final JButton change;
    private final JButton again;
    private final JButton end;
    private final JButton quit;

    /** What the panel needs of the window round it. */
    interface Surroundings {

        /** Runs what may take seconds. */
        Executor background();

        /** Runs what changes the panel. */
        Executor panel();

        /** Whether the person says yes to ending that process, having been told what it means. */
        boolean isConfirmed(ProcessIdentity holder);

        /** The person has decided. */
        void decided(Decision decision);
    }

    HeldPanel(HeldLaunch launch, Words words, Surroundings surroundings) {
        super(new BorderLayout(0, 12));
        this.launch = launch;
        this.words = words;
        this.surroundings = surroundings;
        change = button("held.switch", this::change);
        again = button("held.again", () -> surroundings.decided(Decision.TRY_AGAIN));
        end = button("held.end", this::end);
        quit = button("held.quit", () -> surroundings.decided(Decision.QUIT));
        change.setVisible(launch.report().isSecondStart());
        add(texts(), BorderLayout.NORTH);
        add(details(), BorderLayout.CENTER);
        JPanel buttons = new JPanel(new FlowLayout(FlowLayout.TRAILING));
        buttons().forEach(buttons::add);
        add(buttons, BorderLayout.SOUTH);
        setBorder(BorderFactory.createEmptyBorder(16, 18, 12, 18));
        launch.handedOver().ifPresent(this::tell);
        end.setVisible(launch.endable().isPresent());
    }

    /** Everything that can be pressed. */
    List<JButton> buttons() {
        return List.of(change, again, end, quit);
    }

    /** The one that Enter presses. */
    JButton preferred() {
        return change.isVisible() ? change : again;
    }

    String said() {
        return answer.getText();
    }

    private JPanel texts() {
        JPanel texts = new JPanel();
        texts.setLayout(new BoxLayout(texts, BoxLayout.PAGE_AXIS));
        texts.add(new JLabel(who()));
        texts.add(new JLabel(words.say("held.profile", launch.profile())));
        texts.add(answer);
        return texts;
    }

    private String who() {
        return launch.report().isSecondStart()
                        && launch.report().holder() instanceof Observation.Seen<ProcessIdentity> holder
                ? words.say("held.running", words.application(), holder.value().pid(), program(holder.value()))
                : words.say("held.unsure", words.application());
    }

    static String program(ProcessIdentity process) {
        return process.executable().toOptional().orElse("?");
    }

    private JScrollPane details() {
        JTextArea text = new JTextArea(
                launch.report().summary() + "\n\n" + launch.report().advice(), 6, 56);
        text.setEditable(false);
        text.setLineWrap(true);
        text.setWrapStyleWord(true);
        text.getAccessibleContext().setAccessibleName(words.say("held.details"));
        text.setCaretPosition(0);
        return new JScrollPane(text);
    }

    private JButton button(String key, Runnable action) {
        JButton button = new JButton(words.say(key));
        button.setName(key);
        button.addActionListener(pressed -> action.run());
        return button;
    }

    private void change() {
        letPress(false);
        say(words.say("held.asking"));
        surroundings.background().execute(() -> {
            HandOver result = launch.handOver();
            surroundings.panel().execute(() -> {
                letPress(true);
                if (result instanceof HandOver.Accepted) {
                    surroundings.decided(Decision.HANDED_OVER);
                } else {
                    tell(result);
                    end.setVisible(launch.endable().isPresent());
                }
            });
        });
    }

    private void end() {
        launch.endable().filter(surroundings::isConfirmed).ifPresent(holder -> {
            try {
                launch.consentToEnd(holder);
                surroundings.decided(Decision.TRY_AGAIN);
            } catch (IOException | RuntimeException e) {
                say(words.say("end.changed"));
            }
        });
    }

    private void tell(HandOver result) {
        if (result instanceof HandOver.Unanswered unanswered) {
            say(words.say(unanswered.received() ? "held.slow" : "held.silent"));
        } else {
            say(words.say(result instanceof HandOver.Nobody ? "held.nobody" : "held.refused"));
        }
    }

    private void say(String text) {
        answer.setText(text);
        getAccessibleContext().setAccessibleDescription(text);
    }

    private void letPress(boolean enabled) {
        buttons().forEach(button -> button.setEnabled(enabled));
    }
}
