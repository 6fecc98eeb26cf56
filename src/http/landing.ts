import { Router } from 'express';
import { methodNotAllowed } from './error-handler';
import { LANDING_CSP, renderLandingPage, type LandingPage } from './landing-page';

export function landingRouter(page: () => LandingPage): Router {
  const router = Router();
  router
    .route('/')
    .get((_request, response) => {
      // The operator's own policy (web.config.file) stands already when there is one.
      if (!response.hasHeader('Content-Security-Policy')) response.set('Content-Security-Policy', LANDING_CSP);
      response.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
      response.type('html').send(renderLandingPage(page()));
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  return router;
}
