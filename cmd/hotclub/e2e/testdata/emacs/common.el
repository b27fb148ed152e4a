;;; common.el --- what the scripts share  -*- lexical-binding: t -*-
;; The configuration is what docs/editors.md has people put into init.el, and nothing else.

(require 'cl-lib)
(setq make-backup-files nil
      auto-save-default nil
      create-lockfiles nil
      confirm-kill-processes nil)

;; Emacs waits for nobody in --batch and so is never idle: what is put off until then comes after the same time.
(define-advice run-with-idle-timer (:override (seconds repeat function &rest arguments) club)
  (apply #'run-at-time seconds (and repeat (max seconds 0.1)) function arguments))

(defun club-fail (format &rest arguments)
  "Prints why the test failed, with what Emacs had to say, and ends."
  (princ (apply #'format (concat "FAIL: " format "\n") arguments))
  (dolist (buffer (buffer-list))
    (when (string-match-p "\\*\\(Messages\\|lsp-log\\|hotclub.*stderr\\|EGLOT.*\\)\\*" (buffer-name buffer))
      (princ (with-current-buffer buffer (format "\n-- %s\n%s" (buffer-name) (buffer-string))))))
  (kill-emacs 1))

(defmacro club-wait (what &rest body)
  "Waits until BODY holds, and returns what it gives. Nothing takes nearly as long as it may."
  `(let ((until (+ (float-time) 30)) holds)
     (while (not (setq holds (progn ,@body)))
       (when (> (float-time) until)
         (club-fail "%s did not come to pass" ,what))
       (accept-process-output nil 0.02))
     holds))

(defmacro club-assert (form)
  `(unless ,form (club-fail "%S does not hold" ',form)))

(defun club-open (file)
  "Edits FILE of the project in the one window."
  (find-file (expand-file-name file (getenv "PROJECT")))
  (club-assert (derived-mode-p 'python-mode))
  ;; What Emacs does once a file is before a person's eyes: --batch has no loop of commands.
  (run-hooks 'window-configuration-change-hook 'post-command-hook))

(defun club-line (text)
  "The number of the line with TEXT, from 1."
  (save-excursion
    (goto-char (point-min))
    (search-forward text)
    (line-number-at-pos)))

(defun club-goto (text)
  (goto-char (point-min))
  (search-forward text))

(defun club-replace (old new)
  "Changes a text and saves the file."
  (goto-char (point-min))
  (search-forward old)
  (replace-match new t t)
  (save-buffer))

(load (getenv "SNIPPET") nil t)
