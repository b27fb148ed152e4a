;;; lsp-mode.el --- lenses are drawn, a click on one runs it  -*- lexical-binding: t -*-
;; emacs --batch -Q -l lsp-mode.el

(setq lsp-restart 'ignore
      lsp-auto-guess-root t
      lsp-enable-snippet nil ; says that yasnippet is missing, otherwise
      lsp-session-file (expand-file-name "lsp-session" (getenv "HOME")))
(load (expand-file-name "common.el" (getenv "SCRIPTS")) nil t)
(require 'lsp-mode)

(club-open "app/tests.py")
(club-wait "a server that is up" (bound-and-true-p lsp-mode) (lsp-workspaces))

(defun drawn ()
  "The lenses in this buffer: (LINE TEXT ACTION)."
  (cl-loop for overlay in (bound-and-true-p lsp-lens--overlays)
           append (cl-loop for title in (overlay-get overlay 'lsp--metadata)
                           collect (list (line-number-at-pos (overlay-get overlay 'lsp-lens-position))
                                         (substring-no-properties title)
                                         (get-text-property 0 'action title)))))

(defun lens (text wanted)
  "Waits for the lens at the line with TEXT that has WANTED in its title."
  (club-wait (format "a lens %s at %s among %S" wanted text (mapcar #'cl-second (drawn)))
    (cl-find-if (lambda (each) (and (= (cl-first each) (club-line text)) (string-search wanted (cl-second each))))
                (drawn))))

(defun click (text)
  (funcall (cl-third (lens text "▶ Run"))))

(dolist (text '("class Arithmetic" "def test_right" "def test_wrong" "class Shelf" "def test_starts_full"))
  (lens text "▶ Run"))
(club-assert (string-search "▶ Run file" (format "%S" (drawn))))

(click "def test_right")
(lens "def test_right" "✔ ")
(click "def test_wrong")
(lens "def test_wrong" "✘ 2 != 3")
(lens "class Arithmetic" "✘ 1 of 2 failed")

(defun diagnosed ()
  (gethash (buffer-file-name) (lsp-diagnostics)))

(club-wait "the failure at its line"
  (cl-find-if (lambda (diagnostic)
                (and (string-search "2 != 3" (lsp:diagnostic-message diagnostic))
                     (= (1+ (lsp:position-line (lsp:range-start (lsp:diagnostic-range diagnostic))))
                        (club-line "self.assertEqual(1 + 1, 3)"))))
              (diagnosed)))

;; What has no lens is an action: the log of a test opens as a file.
(club-goto "def test_wr")
(let ((log (cl-find-if (lambda (action) (string-search "Show the log of test_wrong" (lsp:code-action-title action)))
                       (lsp-code-actions-at-point))))
  (club-assert log)
  (lsp-execute-code-action log)
  (club-wait "the log"
    (cl-find-if (lambda (buffer) (string-search "test_wrong.log" (or (buffer-file-name buffer) ""))) (buffer-list))))
(switch-to-buffer (find-file-noselect (expand-file-name "app/tests.py" (getenv "PROJECT"))))

;; A command by a key of docs/editors.md.
(club-goto "def test_starts")
(call-interactively #'hotclub-run-nearest)
(lens "def test_starts_full" " queries")

(club-replace "1 + 1, 3" "1 + 1, 2")
(click "def test_wrong")
(lens "def test_wrong" "✔ ")
(club-wait "the end of the failure" (not (diagnosed)))

(princ (format "lsp-mode in Emacs %s\n" emacs-version))
(kill-emacs 0)
