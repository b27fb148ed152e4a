;;; eglot.el --- an action runs a test, flymake shows the failure  -*- lexical-binding: t -*-
;; emacs --batch -Q -l eglot.el

(load (expand-file-name "common.el" (getenv "SCRIPTS")) nil t)
(require 'eglot)

(club-open "app/tests.py")
(club-wait "a server that is up" (eglot-current-server))
(club-wait "flymake" (bound-and-true-p flymake-mode))

(defun act (text title)
  "Chooses an action at the line with TEXT, as `M-x eglot-code-actions' does."
  (club-goto text)
  (cl-letf (((symbol-function 'completing-read)
             (lambda (_prompt items &rest _)
               (or (car (assoc title items)) (club-fail "no action %s among %S" title (mapcar #'car items)))))
            (last-nonmenu-event ?x))
    (call-interactively #'eglot-code-actions)))

(defun failures ()
  (flymake-start)
  (cl-loop for diagnostic in (flymake-diagnostics)
           collect (cons (line-number-at-pos (flymake-diagnostic-beg diagnostic)) (flymake-diagnostic-text diagnostic))))

(club-wait "the tests"
  (club-goto "def test_ri")
  (cl-find-if (lambda (action) (equal (plist-get action :title) "Run test_right"))
              (eglot-code-actions (point) (point))))
(act "def test_wr" "Run test_wrong")
(club-wait "the failure at its line"
  (cl-find-if (lambda (failure)
                (and (= (car failure) (club-line "self.assertEqual(1 + 1, 3)")) (string-search "2 != 3" (cdr failure))))
              (failures)))
(act "def test_wr" "Show the log of test_wrong")
(club-wait "the log"
  (cl-find-if (lambda (buffer) (string-search "test_wrong.log" (or (buffer-file-name buffer) ""))) (buffer-list)))
(switch-to-buffer (find-file-noselect (expand-file-name "app/tests.py" (getenv "PROJECT"))))

;; Fixed, saved, and run by a key of docs/editors.md.
(club-replace "1 + 1, 3" "1 + 1, 2")
(club-goto "def test_wr")
(call-interactively #'hotclub-run-nearest)
(club-wait "the end of the failure" (null (failures)))

(princ (format "eglot in Emacs %s\n" emacs-version))
(kill-emacs 0)
