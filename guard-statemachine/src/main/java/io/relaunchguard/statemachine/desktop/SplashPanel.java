package io.relaunchguard.statemachine.desktop;

import java.awt.BorderLayout;
import java.awt.Dimension;
import java.awt.Font;
import javax.swing.BorderFactory;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JProgressBar;

/**
 * The content of the splash. Its bar is indeterminate, because it is unknown how long the previous version will take.
 */
final class SplashPanel extends JPanel {

    private static final long serialVersionUID = 1L;

    private final JLabel doing = new JLabel(" ");

    SplashPanel(Words words) {
        super(new BorderLayout(0, 10));
        String title = words.say("splash.title", words.application());
        JLabel heading = new JLabel(title);
        heading.setFont(
                heading.getFont().deriveFont(Font.BOLD, heading.getFont().getSize2D() * 1.3f));
        JProgressBar bar = new JProgressBar();
        bar.setIndeterminate(true);
        bar.getAccessibleContext().setAccessibleName(title);
        add(heading, BorderLayout.NORTH);
        add(bar, BorderLayout.CENTER);
        add(doing, BorderLayout.SOUTH);
        setBorder(BorderFactory.createCompoundBorder(
                BorderFactory.createLineBorder(getForeground()), BorderFactory.createEmptyBorder(18, 22, 18, 22)));
        // Make the panel as wide as the longest text, so that nothing jumps.
        setPreferredSize(new Dimension(480, getPreferredSize().height));
    }

    void say(String text) {
        doing.setText(text);
        getAccessibleContext().setAccessibleDescription(text);
    }

    String said() {
        return doing.getText();
    }
}
