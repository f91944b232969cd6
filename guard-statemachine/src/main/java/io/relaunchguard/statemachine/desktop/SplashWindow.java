package io.relaunchguard.statemachine.desktop;

import javax.swing.JFrame;

/** The window of the splash. It is above other windows, and neither takes the focus nor can receive it. */
final class SplashWindow extends JFrame {

    private static final long serialVersionUID = 1L;

    private final SplashPanel panel;

    SplashWindow(Words words) {
        super(words.say("splash.title", words.application()));
        panel = new SplashPanel(words);
        setUndecorated(true);
        setAutoRequestFocus(false);
        setFocusableWindowState(false);
        setDefaultCloseOperation(DO_NOTHING_ON_CLOSE);
        add(panel);
        pack();
        setLocationRelativeTo(null);
    }

    void say(String text) {
        panel.say(text);
    }
}
