package io.relaunchguard.statemachine.desktop;

import static java.util.Objects.requireNonNull;

import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.statemachine.start.HeldHandler;
import io.relaunchguard.statemachine.start.HeldLaunch;
import java.awt.Dialog;
import java.awt.EventQueue;
import java.awt.GraphicsEnvironment;
import java.awt.event.KeyEvent;
import java.awt.event.WindowAdapter;
import java.awt.event.WindowEvent;
import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import javax.swing.JComponent;
import javax.swing.JDialog;
import javax.swing.JOptionPane;
import javax.swing.KeyStroke;
import javax.swing.WindowConstants;
import org.springframework.core.env.Environment;

/**
 * The dialog that asks the user what to do about a launch that was HELD: switch to the running instance, try again, or
 * quit. If the running instance is proven silent, the dialog also offers to end it. The focus is on a button that harms
 * nothing; Escape quits. Named in {@code META-INF/spring.factories} as a {@code HeldHandler}. Without a display,
 * the dialog decides to quit.
 */
public final class HeldDialog implements HeldHandler {

    private final Words words;

    /** Creates the dialog for the application that has this environment. */
    public HeldDialog(Environment environment) {
        this.words = new Words(environment);
    }

    @Override
    public Decision held(HeldLaunch launch) {
        if (GraphicsEnvironment.isHeadless()) {
            return Decision.QUIT;
        }
        AtomicReference<Decision> decision = new AtomicReference<>(Decision.QUIT);
        try {
            EventQueue.invokeAndWait(() -> ask(launch, decision));
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return requireNonNull(decision.get());
    }

    private void ask(HeldLaunch launch, AtomicReference<Decision> decision) {
        JDialog dialog =
                new JDialog(null, words.say("held.title", words.application()), Dialog.ModalityType.APPLICATION_MODAL);
        HeldPanel panel = new HeldPanel(launch, words, new HeldPanel.Surroundings() {

            @Override
            public Executor background() {
                return work -> {
                    Thread thread = new Thread(work, "relaunch-guard-hand-over");
                    thread.setDaemon(true);
                    thread.start();
                };
            }

            @Override
            public Executor panel() {
                return EventQueue::invokeLater;
            }

            @Override
            public boolean isConfirmed(ProcessIdentity holder) {
                String yes = words.say("end.yes", holder.pid());
                String no = words.say("end.no");
                return JOptionPane.showOptionDialog(
                                dialog,
                                words.say("end.question", holder.pid(), HeldPanel.program(holder)),
                                words.say("end.title"),
                                JOptionPane.YES_NO_OPTION,
                                JOptionPane.WARNING_MESSAGE,
                                null,
                                new Object[] {yes, no},
                                no)
                        == JOptionPane.YES_OPTION;
            }

            @Override
            public void decided(Decision made) {
                decision.set(made);
                dialog.dispose();
            }
        });
        dialog.setDefaultCloseOperation(WindowConstants.DISPOSE_ON_CLOSE);
        dialog.add(panel);
        dialog.getAccessibleContext().setAccessibleDescription(panel.description());
        dialog.getRootPane().setDefaultButton(panel.preferred());
        dialog.getRootPane()
                .registerKeyboardAction(
                        escape -> panel.quit(),
                        KeyStroke.getKeyStroke(KeyEvent.VK_ESCAPE, 0),
                        JComponent.WHEN_IN_FOCUSED_WINDOW);
        dialog.addWindowListener(new WindowAdapter() {

            @Override
            public void windowOpened(WindowEvent opened) {
                // Otherwise the details would have the focus, and Enter would do nothing.
                panel.preferred().requestFocusInWindow();
            }
        });
        dialog.pack();
        dialog.setLocationRelativeTo(null);
        dialog.setVisible(true);
    }
}
