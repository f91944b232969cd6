package io.relaunchguard.statemachine.desktop;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.secondstart.HandOver;
import io.relaunchguard.statemachine.start.HeldHandler.Decision;
import io.relaunchguard.statemachine.start.HeldLaunch;
import java.awt.BorderLayout;
import java.awt.FlowLayout;
import java.awt.KeyboardFocusManager;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import javax.swing.BorderFactory;
import javax.swing.BoxLayout;
import javax.swing.JButton;
import javax.swing.JComponent;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JScrollPane;
import javax.swing.JTextArea;
import javax.swing.UIManager;

/** The content and the buttons of the dialog. It offers only what is safe, and no more than the launch allows. */
final class HeldPanel extends JPanel {

    private static final long serialVersionUID = 1L;

    /** The longest name of a file, and the longest sentence, that leave the buttons on the screen, in characters. */
    private static final int MOST_OF_A_NAME = 90;

    private static final int MOST_OF_A_SENTENCE = 400;

    private final transient HeldLaunch launch;
    private final transient Words words;
    private final transient Surroundings surroundings;
    private final JTextArea answer = text(" ", 1);
    private final JButton change;
    private final JButton again;
    private final JButton end;
    private final JButton quit;

    /** The services of the window round the panel. */
    interface Surroundings {

        /** Returns the executor for work that may take seconds. */
        Executor background();

        /** Returns the executor for work that changes the panel. */
        Executor panel();

        /** Tells the user what it means to end that process, and returns whether the user agrees. */
        boolean isConfirmed(ProcessIdentity holder);

        /** Notes the user's decision. */
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

    /** Returns all buttons. */
    List<JButton> buttons() {
        return List.of(change, again, end, quit);
    }

    /** Returns the button that Enter presses. */
    JButton preferred() {
        return change.isVisible() ? change : again;
    }

    /** Quits, as Escape does. */
    void quit() {
        quit.doClick(0);
    }

    /** Returns the text that a screen reader says when the dialog opens. */
    String description() {
        return who() + " " + answer.getText().strip();
    }

    String said() {
        return answer.getText();
    }

    private JPanel texts() {
        JPanel texts = new JPanel();
        texts.setLayout(new BoxLayout(texts, BoxLayout.PAGE_AXIS));
        // The answer may name a file: it may be longer than a line, and must not be taken for HTML.
        answer.setOpaque(false);
        answer.setFocusable(false);
        answer.setBorder(null);
        answer.setFont(UIManager.getFont("Label.font"));
        for (JComponent line : List.of(
                new JLabel(who()),
                new JLabel(words.say("held.profile", shortened(launch.profile().toString(), MOST_OF_A_NAME))),
                answer)) {
            line.setAlignmentX(LEFT_ALIGNMENT);
            texts.add(line);
        }
        return texts;
    }

    private String who() {
        return launch.report().isSecondStart()
                        && launch.report().holder() instanceof Observation.Seen<ProcessIdentity> holder
                ? words.say("held.running", words.application(), holder.value().pid(), program(holder.value()))
                : words.say("held.unsure", words.application());
    }

    static String program(ProcessIdentity process) {
        return shortened(process.executable().toOptional().orElse("?"), MOST_OF_A_NAME);
    }

    /** Returns both ends of the text, because the last part tells most of a file's name. */
    private static String shortened(String text, int most) {
        return text.length() <= most
                ? text
                : text.substring(0, most / 3) + " … " + text.substring(text.length() - 2 * most / 3);
    }

    private JScrollPane details() {
        JTextArea text =
                text(launch.report().summary() + "\n\n" + launch.report().advice(), 6);
        // By default Tab would be a character here, and not the way out.
        text.setFocusTraversalKeys(KeyboardFocusManager.FORWARD_TRAVERSAL_KEYS, null);
        text.setFocusTraversalKeys(KeyboardFocusManager.BACKWARD_TRAVERSAL_KEYS, null);
        text.getAccessibleContext().setAccessibleName(words.say("held.details"));
        text.setCaretPosition(0);
        return new JScrollPane(text);
    }

    private static JTextArea text(String content, int rows) {
        JTextArea text = new JTextArea(content, rows, 56);
        text.setEditable(false);
        text.setLineWrap(true);
        text.setWrapStyleWord(true);
        return text;
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
                } else if (result instanceof HandOver.Closing closing && closing.ended()) {
                    surroundings.decided(Decision.TRY_AGAIN);
                } else {
                    tell(result);
                    end.setVisible(launch.endable().isPresent());
                    preferred().requestFocusInWindow();
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
        } else if (result instanceof HandOver.Starting) {
            say(words.say("held.starting"));
        } else if (result instanceof HandOver.Closing) {
            say(words.say("held.closing"));
        } else if (result instanceof HandOver.NotAsked notAsked) {
            say(words.say("held.notAsked", notAsked.reason()));
        } else if (result instanceof HandOver.Elsewhere elsewhere) {
            say(words.say("held.elsewhere", elsewhere.reason()));
        } else if (result instanceof HandOver.Refused refused) {
            say(words.say("held.refused", refused.reason()));
        } else {
            say(words.say("held.nobody"));
        }
    }

    private void say(String text) {
        answer.setText(shortened(text, MOST_OF_A_SENTENCE));
        getAccessibleContext().setAccessibleDescription(text);
    }

    /**
     * Enables or disables all buttons but the one that quits: an answer may take half a minute, and quitting is always
     * possible.
     */
    private void letPress(boolean enabled) {
        buttons().stream().filter(button -> button != quit).forEach(button -> button.setEnabled(enabled));
    }
}
