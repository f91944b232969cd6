package io.relaunchguard.statemachine.endpoint;

import io.relaunchguard.core.lifecycle.MermaidDiagram;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;
import org.springframework.util.MimeType;
import org.springframework.util.MimeTypeUtils;

/** The extension that adds the lifecycle's diagram, with the launch in this JVM, to the endpoint on the web. */
@EndpointWebExtension(endpoint = RelaunchGuardEndpoint.class)
public class RelaunchGuardEndpointWebExtension {

    private static final String MERMAID = "text/plain;charset=UTF-8";
    private static final String SVG = "image/svg+xml;charset=UTF-8";

    private final RelaunchGuardEndpoint endpoint;

    /** Creates an extension of this endpoint. */
    public RelaunchGuardEndpointWebExtension(RelaunchGuardEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    /**
     * Returns a file.
     *
     * @param file {@code diagram.mmd} for Mermaid, {@code diagram.svg} for a picture; anything else is not found
     */
    @ReadOperation(produces = {MERMAID, SVG})
    public WebEndpointResponse<String> diagram(@Selector String file) {
        return switch (file) {
            case "diagram.mmd" -> response(MermaidDiagram.ofLaunch(endpoint.path()), MERMAID);
            case "diagram.svg" -> response(SvgDiagram.of(endpoint.path()), SVG);
            default -> new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
        };
    }

    private static WebEndpointResponse<String> response(String content, String type) {
        MimeType parsed = MimeTypeUtils.parseMimeType(type);
        return new WebEndpointResponse<>(content, parsed);
    }
}
